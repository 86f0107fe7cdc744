"""Bring a database to the newest schema, under a lock so that two starting servers don't race."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import text

from fairway.db.database import Database, NoDatabase, naming

LOCK = 0x_FA12_0A75  # any number that nothing else in the database uses


def open_migrated(url: str) -> Database:
    """The database at the newest schema. Raises NoDatabase where none answers, or a newer Fairway has migrated it."""
    with naming("FAIRWAY_DATABASE_URL"):
        database = Database(url)
        try:
            migrate(database)
        except CommandError as error:
            raise NoDatabase(f"FAIRWAY_DATABASE_URL: the database is of another version of Fairway: {error}") from None
        return database


def migrate(database: Database, revision: str = "head") -> None:
    config = alembic_config(database.url)
    with database.engine.connect() as connection:
        if database.dialect == "sqlite":
            connection = connection.execution_options(fairway_write=True)
        with connection.begin():
            if database.dialect == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, revision)


def alembic_config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
