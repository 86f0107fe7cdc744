"""The demo's table: one connection, opened again when the database has restarted."""

import threading
from typing import Any

import psycopg

TABLE = (
    "CREATE TABLE IF NOT EXISTS guestbook (id bigserial PRIMARY KEY, line text NOT NULL, at timestamptz DEFAULT now())"
)
NEWEST = "SELECT line FROM guestbook ORDER BY id DESC LIMIT 50"
ADD = "INSERT INTO guestbook (line) VALUES (%s)"
# Two replicas that start together must not both make the table.
LOCK = "SELECT pg_advisory_lock(7231)"
UNLOCK = "SELECT pg_advisory_unlock(7231)"


class Unavailable(Exception):
    """The database cannot be used now."""


class Guestbook:
    def __init__(self, url: str) -> None:
        self.bound = bool(url)
        self._url, self._lock = url, threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None

    def lines(self) -> list[str]:
        return [str(row[0]) for row in self._run(NEWEST)]

    def write(self, line: str) -> None:
        self._run(ADD, line)

    def _run(self, query: str, *values: str) -> list[Any]:
        if not self.bound:
            raise Unavailable("No database is bound: DATABASE_URL is not set.")
        with self._lock:
            try:
                return self._ask(query, values)
            except psycopg.OperationalError:
                self._connection = None
            try:
                return self._ask(query, values)
            except psycopg.OperationalError as error:
                self._connection = None
                raise Unavailable("The database does not answer.") from error

    def _ask(self, query: str, values: tuple[str, ...]) -> list[Any]:
        cursor = self._open().execute(query.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def _open(self) -> "psycopg.Connection[Any]":
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._url, connect_timeout=3, autocommit=True)
            for statement in (LOCK, TABLE, UNLOCK):
                self._connection.execute(statement.encode())
        return self._connection
