"""One database: SQLite (WAL) or Postgres, short transactions, writers that never fail for each other.

`read()` gives a session that sees a snapshot and must not write; `write()` one whose whole block is a single
transaction (`BEGIN IMMEDIATE` on SQLite: deferred writers that upgrade fail in numbers). Neither is held across I/O.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlmodel import Session


class NoDatabase(Exception):
    """No database can be used at the address that a setting tells."""


@contextmanager
def naming(variable: str) -> Iterator[None]:
    """What a database refuses while it is opened names the setting: NoDatabase, never with the password."""
    try:
        yield
    except (ArgumentError, ValueError):  # their texts quote the address
        raise NoDatabase(
            f"{variable}: not an address; use postgresql://user:password@host:port/database,"
            " with %-escapes for signs such as @ and / in the password"
        ) from None
    except DBAPIError as error:
        reason = str(error.orig).partition("\n")[0]
        raise NoDatabase(f"{variable}: the database cannot be used: {reason}") from None


class Database:
    """Opened once per process; threads share it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _open(url)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session
            if session.new or session.dirty or session.deleted:
                raise RuntimeError("a read session was written to; use Database.write()")

    @contextmanager
    def write(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as session:
            if self.dialect == "sqlite":
                session.connection(execution_options={"fairway_write": True})
            yield session
            session.commit()

    def answers(self) -> bool:
        """For readiness: a statement goes through."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except Exception:
            return False
        return True

    def close(self) -> None:
        self.engine.dispose()


def _open(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True, hide_parameters=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    patient = {"check_same_thread": False, "timeout": 30}
    engine = create_engine(url, connect_args=patient, pool_size=10, max_overflow=20, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is deferred; ours is chosen below
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writing = connection.get_execution_options().get("fairway_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def one_at_a_time(session: Session, what: str) -> None:
    """Until the transaction's end nobody else does `what`. On SQLite writing is that already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:what))"), {"what": what})
