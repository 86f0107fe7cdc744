"""Container output: kept as lines with their time, read back with a tail, a since or a follow."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fairway_sandbox.errors import bad_request

POLL = 0.1
MOST = 10 * 2**20


async def keep(stream: asyncio.StreamReader, path: Path) -> None:
    """Append each line with its time; a file that has grown too large begins anew behind one predecessor."""
    file, size = path.open("ab", buffering=0), path.stat().st_size
    try:
        while True:
            try:
                line = await stream.readline()
            except ValueError:
                line = await stream.read(2**16)
            if not line:
                return
            at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z").encode()
            size += file.write(at + b" stdout F " + line.rstrip(b"\n") + b"\n")
            if size > MOST:
                file.close()
                path.replace(path.with_suffix(".old"))
                file, size = path.open("ab", buffering=0), 0
    finally:
        file.close()


@dataclass(frozen=True)
class Wish:
    """Which part of a log, and how."""

    follow: bool = False
    timestamps: bool = False
    tail: int | None = None
    limit: int | None = None
    since: str = ""

    @classmethod
    def of(cls, query: dict[str, str]) -> "Wish":
        since = query.get("sinceTime", "").rstrip("Z")
        try:
            if query.get("sinceSeconds"):
                past = datetime.now(UTC) - timedelta(seconds=int(query["sinceSeconds"]))
                since = past.strftime("%Y-%m-%dT%H:%M:%S")
            tail = int(query["tailLines"]) if query.get("tailLines") else None
            limit = int(query["limitBytes"]) if query.get("limitBytes") else None
        except ValueError as error:
            raise bad_request(f"log options: {error}") from error
        true = ("true", "1")
        return cls(query.get("follow") in true, query.get("timestamps") in true, tail, limit, since)

    def shown(self, line: bytes) -> bytes:
        at, _, rest = line.partition(b" ")
        text = rest.split(b" ", 2)[-1]
        if self.since and at.decode() < self.since:
            return b""
        return at + b" " + text if self.timestamps else text


async def read(path: Path, wish: Wish, running: Callable[[], bool]) -> AsyncIterator[bytes]:
    """What is there, then, when followed, what comes until the container has ended."""
    with path.open("rb") as file:
        lines = file.read().splitlines(keepends=True)
        unfinished = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        chosen = lines if wish.tail is None else lines[len(lines) - min(wish.tail, len(lines)) :]
        found = b"".join(map(wish.shown, chosen))
        yield found if wish.limit is None else found[: wish.limit]
        while wish.follow:
            alive = running()
            chunk = file.read()
            lines = (unfinished + chunk).splitlines(keepends=True)
            unfinished = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
            yield b"".join(map(wish.shown, lines))
            if not alive:
                return
            await asyncio.sleep(POLL)
