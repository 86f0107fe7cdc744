"""The store in Postgres: the table of Pulumi's own Postgres backend, which `pulumi login postgres://...` continues.

Its shape is that of `pkg/backend/diy/postgres` in Pulumi's source: a document is base64 in `{"data": ...}`, and each
key begins with the name of the database, the URL's path.
"""

import base64
from collections.abc import Iterator
from typing import Any

from sqlalchemy import JSON, Column, DateTime, Index, MetaData, Table, Text, create_engine, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from fairway_stacks.port import EngineError

DEFAULT_TABLE = "pulumi_state"


class TableStore:
    """Each document is a row, each write a transaction. The table is made where it is missing.

    url: `postgres://user:password@host/database`, with `?table=` for a name of one's own, as Pulumi reads it. Raises
    EngineError where that is no address or no Postgres answers at it.
    """

    def __init__(self, url: str) -> None:
        place, name = _read(url)
        self.url = place.set(drivername="postgres").render_as_string(hide_password=True)
        self._place = f"{place.database}/" if place.database else ""
        self._engine = create_engine(place, pool_size=5, max_overflow=20, pool_pre_ping=True, hide_parameters=True)
        self._table = Table(
            name,
            MetaData(),
            Column("key", Text, primary_key=True),
            Column("data", JSON, nullable=False),
            Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
            Index(f"{name}_key_prefix_idx", "key", postgresql_ops={"key": "text_pattern_ops"}),
        )
        try:
            with self._engine.begin() as connection:
                # Two processes that start at once both find it missing; the lock is the transaction's.
                connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))
                self._table.create(connection, checkfirst=True)
        except DBAPIError as error:
            self._engine.dispose()
            told = str(error.orig).partition("\n")[0]
            raise EngineError(f"FAIRWAY_STATE_URL: {self.url} keeps no state: {told}") from None

    def read(self, key: str) -> bytes | None:
        with self._engine.connect() as connection:
            found = connection.execute(
                select(self._table.c.data).where(self._table.c.key == self._place + key)
            ).scalar()
        return None if found is None else base64.b64decode(found["data"])

    def write(self, key: str, data: bytes) -> None:
        statement: Any = insert(self._table).values(
            key=self._place + key, data={"data": base64.b64encode(data).decode()}
        )
        changed = {"data": statement.excluded.data, "updated_at": func.now()}
        with self._engine.begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=changed))

    def delete(self, key: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(self._table).where(self._table.c.key == self._place + key))

    def keys(self, prefix: str) -> Iterator[str]:
        key = self._table.c.key
        below = key.startswith(f"{self._place}{prefix.rstrip('/')}/", autoescape=True)
        with self._engine.connect() as connection:
            found = connection.execute(select(key).where(below).order_by(key.collate("C"))).scalars().all()
        yield from (one.removeprefix(self._place) for one in found)

    def close(self) -> None:
        self._engine.dispose()


def _read(url: str) -> tuple[URL, str]:
    try:
        place = make_url(url).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):  # their texts quote the address, and with it the password
        raise EngineError(
            "FAIRWAY_STATE_URL: not an address; use postgres://user:password@host:port/database,"
            " with %-escapes for signs such as @ and / in the password"
        ) from None
    name = place.query.get("table", DEFAULT_TABLE)
    return place.difference_update_query(["table"]), str(name)
