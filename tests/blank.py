"""Databases with all tables and no rows: migrated once, then copied, which takes a hundredth of the time."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from fairway.db.database import Database
from fairway.db.migrate import migrate
from tests.postgres import Postgres


class Blank(Protocol):
    def copied(self, folder: Path) -> AbstractContextManager[str]:
        """The URL of a copy that lasts as long as the block."""
        ...


class BlankSqlite:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "fairway.db"
        database = Database(f"sqlite:///{self._path}")
        migrate(database)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()

    @contextmanager
    def copied(self, folder: Path) -> Iterator[str]:
        (folder / "fairway.db").write_bytes(self._path.read_bytes())
        yield f"sqlite:///{folder / 'fairway.db'}"


class BlankPostgres:
    def __init__(self, server: Postgres) -> None:
        self._server, self._template = server, server.create()
        database = Database(_for_sqlalchemy(server.url(self._template)))
        migrate(database)
        database.close()

    @contextmanager
    def copied(self, folder: Path) -> Iterator[str]:
        name = self._server.create(self._template)
        try:
            yield _for_sqlalchemy(self._server.url(name))
        finally:
            self._server.drop(name)


def _for_sqlalchemy(url: str) -> str:
    return url.replace("postgres://", "postgresql+psycopg://")
