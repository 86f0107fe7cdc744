"""Server-sent events: a stream of the event table, tailed by its sequence number (= Last-Event-ID)."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from litestar import Request
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage

from fairway.db.database import Database
from fairway.domain import events
from fairway.errors import Invalid
from fairway.models import Event

KEEP_ALIVE = 15.0
LOOK_ANYWAY = 1.0
"""Events of other processes ring no bell here: look this often, in seconds."""

Render = Callable[[Event], ServerSentEventMessage | None]


def as_json(event: Event) -> ServerSentEventMessage:
    data = {"at": event.at.isoformat(), **event.data}
    return ServerSentEventMessage(data=json.dumps(data), event=event.kind, id=str(event.seq))


def last_event_id(request: Request[Any, Any, Any], given: int | None = None) -> int:
    """From the header that a browser sends when it reconnects, else the query, else the beginning."""
    raw = request.headers.get("last-event-id", "")
    if raw and not raw.isdecimal():
        raise Invalid.field("/Last-Event-ID", "Last-Event-ID is the id of an event of this stream, a number")
    return int(raw) if raw else given or 0


def tail(
    database: Database, stream: str, since: int, *, ends: Sequence[str] = ("done",), render: Render = as_json
) -> ServerSentEvent:
    """Follows the stream until an event of a kind in `ends` went out or the reader left."""
    return ServerSentEvent(_follow(database, stream, since, frozenset(ends), render))


async def _follow(
    database: Database, stream: str, since: int, ends: frozenset[str], render: Render
) -> AsyncIterator[ServerSentEventMessage]:
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
                message = render(row)
                if message is not None:
                    yield message
                if row.kind in ends:
                    return
            quiet = 0.0 if rows else quiet + LOOK_ANYWAY
            if quiet >= KEEP_ALIVE:
                quiet = 0.0
                yield ServerSentEventMessage(comment="still here")
            try:
                await asyncio.wait_for(bell.wait(), LOOK_ANYWAY)
            except TimeoutError:
                continue
    finally:
        unsubscribe()


def _read(database: Database, stream: str, since: int) -> Sequence[Event]:
    with database.read() as session:
        return events.after(session, stream, since)
