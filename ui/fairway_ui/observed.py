"""The Logs and Events tabs: what the pods of a resource say, and what Fairway and the cluster say about them."""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from litestar.response import ServerSentEvent, Template
from litestar.response.sse import ServerSentEventMessage

from fairway.domain import observed, resources
from fairway.domain.log_tail import LogLine, LogTail
from fairway.errors import Conflict, FairwayError, Invalid, NotFound, Unreachable
from fairway_ui import shell
from fairway_ui.resources import tab
from fairway_ui.templating import render

LENGTHS = (100, 200, 1000, 5000)
KEEP_ALIVE = 15


@get("/resources/{ref:str}/logs", sync_to_thread=True)
def show_logs(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    ref: FromPath[str],
    pod: FromQuery[str] = "",
    previous: FromQuery[str] = "",
    tail: FromQuery[int] = 200,
    follow: FromQuery[str] = "yes",
) -> Template:
    """previous: `yes` for what the containers before these said, which does not go on."""
    earlier = previous == "yes"
    pods: list[str] = []
    lines: Sequence[LogLine] = []
    silent: FairwayError | None = None
    try:
        pods = observed.pod_names(context, actor, ref)
        lines = observed.log_lines(context, actor, ref, pod=pod, previous=earlier, tail=tail)
    except (Conflict, Unreachable, Invalid) as error:
        silent = error
    except NotFound as error:
        if not pod:
            raise
        silent = error
    with context.database.read() as session:
        row = resources.named(session, actor, ref)
        return tab(
            request,
            context,
            session,
            actor,
            row,
            "logs",
            lines=lines,
            silent=silent,
            pods=pods,
            lengths=LENGTHS,
            chosen={"pod": pod, "previous": earlier, "tail": tail},
            live=follow == "yes" and not earlier,
            query=urlencode({"pod": pod, "tail": tail}),
        )


@get("/resources/{ref:str}/logs/stream", sync_to_thread=True)
def stream_logs(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    ref: FromPath[str],
    pod: FromQuery[str] = "",
    tail: FromQuery[int] = 200,
) -> ServerSentEvent:
    """`first`: the lines that there are; `more`: those that come, of pods that come, too."""
    found = observed.follow_logs(context, actor, ref, pod=pod, tail=tail)
    return ServerSentEvent(_follow(found, pod))


@get("/resources/{ref:str}/events", sync_to_thread=True)
def show_events(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    ref: FromPath[str],
    told: FromQuery[str] = "",
) -> Template | Response[None]:
    """Polled with the digest of what was told: 204 while nothing came."""
    found = list(reversed(observed.all_events(context, actor, ref)))
    digest = hashlib.sha256(json.dumps(found).encode()).hexdigest()[:16]
    with context.database.read() as session:
        row = resources.named(session, actor, ref)
        values: dict[str, Any] = {"events": found, "told": digest, "base": f"/resources/{row.id}"}
        if not shell.is_htmx(request):
            return tab(request, context, session, actor, row, "events", **values)
    if told == digest:
        return Response(None, status_code=204)
    return shell.fragment(request, "resources/_events.html", **values)


async def _follow(tail: LogTail, pod: str) -> AsyncGenerator[ServerSentEventMessage, None]:
    quiet = 0
    try:
        yield ServerSentEventMessage(data=_rendered(tail.start(), pod), event="first")
        while True:
            lines = await asyncio.to_thread(tail.next_lines)
            quiet = 0 if lines else quiet + 1
            if lines:
                yield ServerSentEventMessage(data=_rendered(lines, pod), event="more")
            elif quiet % KEEP_ALIVE == 0:
                yield ServerSentEventMessage(comment="still here")
    finally:
        await asyncio.to_thread(tail.close)


def _rendered(lines: Sequence[LogLine], pod: str) -> str:
    return render("resources/_lines.html", lines=lines, chosen={"pod": pod})


handlers = [show_logs, stream_logs, show_events]
