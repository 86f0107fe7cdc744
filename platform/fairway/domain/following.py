"""Following a stream of events: what is there, then what comes, woken by the bell."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence

from fairway.db.database import Database
from fairway.domain import events
from fairway.models import Event

KEEP_ALIVE = 15.0
LOOK_ANYWAY = 1.0
"""Events of other processes ring no bell here: look this often, in seconds."""


async def follow(
    database: Database, stream: str, since: int, ends: Collection[str] = ("done",)
) -> AsyncIterator[Event | None]:
    """Events after `since`, until one of a kind in `ends` went out; None now and then while nothing happens."""
    loop, bell = asyncio.get_running_loop(), asyncio.Event()

    def ring(rung: str) -> None:
        if rung == stream and not loop.is_closed():
            loop.call_soon_threadsafe(bell.set)

    unsubscribe = events.BELL.subscribe(ring)
    quiet = 0.0
    try:
        while True:
            bell.clear()
            rows = await asyncio.to_thread(_read, database, stream, since)
            for row in rows:
                since = row.seq or since
                yield row
                if row.kind in ends:
                    return
            quiet = 0.0 if rows else quiet + LOOK_ANYWAY
            if quiet >= KEEP_ALIVE:
                quiet = 0.0
                yield None
            try:
                await asyncio.wait_for(bell.wait(), LOOK_ANYWAY)
            except TimeoutError:
                continue
    finally:
        unsubscribe()


def _read(database: Database, stream: str, since: int) -> Sequence[Event]:
    with database.read() as session:
        return events.after(session, stream, since)
