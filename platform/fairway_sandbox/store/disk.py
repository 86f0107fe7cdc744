"""The copy on disk: what the API has acknowledged is there after a kill -9."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import orjson

from fairway_sandbox.objects import Json
from fairway_sandbox.store.entry import Event

SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (kind, namespace, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
DELAY = 0.02
# Versions that may have been given out but not written: a new start begins beyond them.
GAP = 1000


class Disk:
    """Listens to the store; changes are written together, at the latest before an answer leaves."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(SCHEMA)
        self._changed: dict[tuple[str, str, str], bytes | None] = {}
        self._version = 0
        self._timer: asyncio.TimerHandle | None = None

    def objects(self) -> Iterator[tuple[str, Json]]:
        for kind, body in self._connection.execute("SELECT kind, body FROM object"):
            yield kind, orjson.loads(body)

    def version(self) -> int:
        row = self._connection.execute("SELECT value FROM fact WHERE name = 'version'").fetchone()
        return int(row[0]) + GAP if row else 1000

    def listen(self, key: str, event: Event) -> None:
        meta = event.entry.obj["metadata"]
        place = (key, meta.get("namespace") or "", meta["name"])
        self._changed[place] = None if event.type == "DELETED" else event.entry.raw
        self._version = event.entry.version
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(DELAY, self.flush)

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._changed:
            return
        changed, self._changed = self._changed, {}
        kept = [(*place, body) for place, body in changed.items() if body is not None]
        gone = [place for place, body in changed.items() if body is None]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?)", kept)
        self._connection.executemany("DELETE FROM object WHERE kind = ? AND namespace = ? AND name = ?", gone)
        self._connection.execute("INSERT OR REPLACE INTO fact VALUES ('version', ?)", (str(self._version),))
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self.flush()
        self._connection.close()
