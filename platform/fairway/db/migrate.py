"""Bring a database to the newest schema, under a lock so that two starting servers don't race.

`python -m fairway.db.migrate` does that to FAIRWAY_DATABASE_URL. A server has it done by such a process: Alembic, which
it needs for a second of its life, would stay in its memory.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from fairway.db.database import Database, NoDatabase, naming

if TYPE_CHECKING:
    from alembic.config import Config

VARIABLE = "FAIRWAY_DATABASE_URL"
MIGRATIONS = Path(__file__).parent.parent / "migrations"

LOCK = 0x_FA12_0A75  # any number that nothing else in the database uses


def open_migrated(url: str) -> Database:
    """The database at the newest schema. Raises NoDatabase where none answers, or a newer Fairway has migrated it."""
    with naming(VARIABLE):
        database = Database(url)
        if revision(database) != newest():
            _migrate_apart(url)
        return database


def revision(database: Database) -> str | None:
    """The schema that the database has, None before the first migration."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none())


def newest() -> str:
    """The revision that this Fairway's tables are of: migrations are numbered, in their files' names too."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def migrate(database: Database, revision: str = "head") -> None:
    """Raises alembic's CommandError where the database's own revision is unknown here."""
    from alembic import command

    config = alembic_config(database.url)
    with database.engine.connect() as connection:
        if database.dialect == "sqlite":
            connection = connection.execution_options(fairway_write=True)
        with connection.begin():
            if database.dialect == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, revision)


def alembic_config(url: str) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def main() -> None:
    from alembic.util import CommandError

    try:
        with naming(VARIABLE):
            migrate(Database(os.environ[VARIABLE]))
    except NoDatabase as error:
        sys.exit(str(error))
    except CommandError as error:
        sys.exit(f"{VARIABLE}: the database is of another version of Fairway: {error}")


def _migrate_apart(url: str) -> None:
    """The address goes by the environment, never by argv: it may hold a password."""
    known = {VARIABLE: url, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-m", "fairway.db.migrate"],
        env={**os.environ, **known},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"it ended with code {done.returncode}"]
        raise NoDatabase(said[-1] if said[-1].startswith(VARIABLE) else f"{VARIABLE}: migrating failed: {said[-1]}")


if __name__ == "__main__":
    main()
