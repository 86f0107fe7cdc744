"""What a resource's pods and cluster say: logs and events, as they are and live."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery
from litestar.response import ServerSentEvent, Stream
from litestar.response.sse import ServerSentEventMessage

from fairway.api.dependencies import AContext, AnActor
from fairway.domain import observed
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.domain.documents import EventDocument
from fairway.domain.log_tail import LogTail
from fairway.errors import Invalid

LOOK_AGAIN = 2.0
PLAIN = "text/plain; charset=utf-8"


@get("/resources/{ref:str}/logs", sync_to_thread=True, tags=["resources"], media_type="text/plain")
def get_logs(
    context: AContext,
    actor: AnActor,
    ref: FromPath[str],
    pod: FromQuery[str] = "",
    follow: FromQuery[bool] = False,
    previous: FromQuery[bool] = False,
    tail: FromQuery[int] = 200,
) -> Response[str] | Stream:
    """`<pod> <line>` a line, of all pods. follow: goes on as they speak. previous: of the containers before these."""
    if follow and previous:
        raise Invalid.field("/previous", "What an earlier container said does not go on: leave follow away")
    if follow:
        return Stream(lines(observed.follow_logs(context, actor, ref, pod=pod, tail=tail)), media_type=PLAIN)
    found = observed.log_lines(context, actor, ref, pod=pod, previous=previous, tail=tail)
    return Response("".join(f"{line}\n" for line in found), media_type=PLAIN)


@get("/resources/{ref:str}/events", sync_to_thread=True, tags=["resources"])
def get_events(
    context: AContext, actor: AnActor, request: Request[Any, Any, Any], ref: FromPath[str]
) -> Response[list[EventDocument]] | ServerSentEvent:
    """`[{at, type, reason, object, message, count}]`, newest last, of Fairway and of the cluster. With Accept
    text/event-stream they go on live."""
    found = observed.all_events(context, actor, ref)
    if "text/event-stream" not in request.headers.get("accept", ""):
        return Response(found)
    return ServerSentEvent(_follow(context, actor, ref, found))


async def lines(tail: LogTail) -> AsyncIterator[str]:
    """Until the reader leaves."""
    try:
        yield "".join(f"{line}\n" for line in tail.start())
        while True:
            found = await asyncio.to_thread(tail.next_lines)
            if found:
                yield "".join(f"{line}\n" for line in found)
    finally:
        await asyncio.to_thread(tail.close)


async def _follow(
    context: Context, actor: Actor, ref: str, found: list[EventDocument]
) -> AsyncIterator[ServerSentEventMessage]:
    told: set[str] = set()
    quiet = 0.0
    while True:
        texts = [json.dumps(event) for event in found]
        fresh = [text for text in texts if text not in told]
        for text in fresh:
            yield ServerSentEventMessage(data=text, event="event")
        told = set(texts)
        quiet = 0.0 if fresh else quiet + LOOK_AGAIN
        if quiet >= 15:
            quiet = 0.0
            yield ServerSentEventMessage(comment="still here")
        await asyncio.sleep(LOOK_AGAIN)
        found = await asyncio.to_thread(observed.all_events, context, actor, ref)
