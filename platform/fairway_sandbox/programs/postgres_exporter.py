"""Stands in for postgres_exporter: the same names, read from the real server."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg

from fairway_sandbox.programs.exporting import Sample, serve

COUNTERS = (
    *("xact_commit", "xact_rollback", "blks_read", "blks_hit", "tup_returned", "tup_fetched", "tup_inserted"),
    *("tup_updated", "tup_deleted", "conflicts", "deadlocks", "temp_bytes"),
)
DATABASES = f"SELECT datname, numbackends, {', '.join(COUNTERS)} FROM pg_stat_database WHERE datname IS NOT NULL"
SIZES = "SELECT datname, pg_database_size(oid) FROM pg_database WHERE NOT datistemplate"
ACTIVITY = "SELECT coalesce(datname, ''), coalesce(state, ''), count(*) FROM pg_stat_activity GROUP BY 1, 2"
SETTINGS = "SELECT name, setting FROM pg_settings WHERE name IN ('max_connections', 'shared_buffers')"
UPTIME = "SELECT extract(epoch FROM pg_postmaster_start_time())"


def source() -> str:
    uri = os.environ.get("DATA_SOURCE_URI", "")
    if os.environ.get("DATA_SOURCE_NAME"):
        return os.environ["DATA_SOURCE_NAME"]
    return f"postgresql://{uri}" if "://" not in uri else uri


class Reader:
    """One connection, opened again when it has broken."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None

    def collect(self) -> list[Sample]:
        try:
            return list(self._read(self._open()))
        except psycopg.Error:
            self._connection = None
            return list(self._read(self._open()))

    def _open(self) -> "psycopg.Connection[Any]":
        if self._connection is None or self._connection.closed:
            named: dict[str, Any] = {"connect_timeout": 3, "autocommit": True, "application_name": "postgres_exporter"}
            for name, variable in (("user", "DATA_SOURCE_USER"), ("password", "DATA_SOURCE_PASS")):
                if os.environ.get(variable):
                    named[name] = os.environ[variable]
            self._connection = psycopg.connect(source(), **named)
        return self._connection

    def _read(self, connection: "psycopg.Connection[Any]") -> Iterator[Sample]:
        version = str(connection.info.server_version // 10000)
        yield Sample("pg_static", 1, {"short_version": version})
        for name, backends, *counts in connection.execute(DATABASES):
            labels = {"datname": name}
            yield Sample("pg_stat_database_numbackends", backends, labels)
            for counter, count in zip(COUNTERS, counts, strict=True):
                yield Sample(f"pg_stat_database_{counter}", float(count or 0), labels, "counter")
        for name, size in connection.execute(SIZES):
            yield Sample("pg_database_size_bytes", size, {"datname": name})
        for name, state, count in connection.execute(ACTIVITY):
            yield Sample("pg_stat_activity_count", count, {"datname": name, "state": state})
        for name, setting in connection.execute(SETTINGS):
            scale = 8192 if name == "shared_buffers" else 1
            yield Sample(f"pg_settings_{name}{'_bytes' if scale > 1 else ''}", int(setting) * scale)
        for (started,) in connection.execute(UPTIME):
            yield Sample("pg_postmaster_start_time_seconds", float(started))


if __name__ == "__main__":
    serve("pg_up", Reader().collect)
