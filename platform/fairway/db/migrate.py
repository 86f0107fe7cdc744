"""Bring a database to the newest schema, under a lock so that two starting servers don't race."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from fairway.db.database import Database

LOCK = 0x_FA12_0A75  # any number that nothing else in the database uses


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
