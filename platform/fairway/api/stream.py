"""Server-sent events: a stream of the event table, tailed by its sequence number (= Last-Event-ID)."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from litestar import Request
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage

from fairway.db.database import Database
from fairway.domain.following import follow
from fairway.errors import Invalid
from fairway.models import Event

MEDIA_TYPE = "text/event-stream"
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
    async for event in follow(database, stream, since, ends):
        message = ServerSentEventMessage(comment="still here") if event is None else render(event)
        if message is not None:
            yield message
