"""Runs: the list, one, its events, and what people decide about it."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import ServerSentEvent

from fairway.api import stream
from fairway.api.dependencies import AContext, AnActor
from fairway.api.paging import check_limit, page, read_cursor
from fairway.api.wishes import accepted
from fairway.domain import approvals, events, resources, runs
from fairway.domain.documents import RunDocument
from fairway.errors import Invalid


class Decision(msgspec.Struct, forbid_unknown_fields=True):
    """decision: `approve` or `reject`."""

    decision: str
    comment: str = ""


class RunController(Controller):
    path = "/runs"
    tags = ("runs",)

    @get("/", sync_to_thread=True)
    def list_runs(
        self,
        context: AContext,
        actor: AnActor,
        request: Request[Any, Any, Any],
        resource: FromQuery[str] = "",
        run_state: Annotated[str, QueryParameter(name="state")] = "",
        active: FromQuery[bool] = False,
        cursor: FromQuery[str | None] = None,
        limit: FromQuery[int] = 50,
    ) -> Response[list[RunDocument]]:
        """Newest first. active: those that have not ended."""
        with context.database.read() as session:
            about = resources.named(session, actor, resource) if resource else None
            most, before = check_limit(limit), read_cursor(cursor)
            found = runs.visible(
                session, actor, resource=about, state=run_state, active=active, before=before, limit=most + 1
            )
            rows, link = page(request, found, most, lambda row: row.created_at)
            return Response(runs.documents(session, rows), headers=link)

    @get("/{ref:str}", sync_to_thread=True)
    def get_run(self, context: AContext, actor: AnActor, ref: FromPath[str]) -> RunDocument:
        """With its steps `[{op, type, name, urn, status, seconds}]`."""
        with context.database.read() as session:
            row = runs.named(session, actor, ref)
            return runs.with_steps(session, row)

    @post("/{ref:str}/approval", sync_to_thread=True, status_code=200)
    def decide_run(
        self, context: AContext, actor: AnActor, ref: FromPath[str], data: JSONBody[Decision]
    ) -> RunDocument:
        """Not by the person who asked for it."""
        if data.decision not in ("approve", "reject"):
            raise Invalid.field("/decision", f"{data.decision!r} is no decision; say approve or reject")
        with context.database.write() as session:
            run = runs.named(session, actor, ref)
            approvals.decide(context, session, actor, run, data.decision == "approve", data.comment)
            return runs.document(session, run)

    @post("/{ref:str}/cancellation", sync_to_thread=True, status_code=202)
    def cancel_run(self, context: AContext, actor: AnActor, ref: FromPath[str]) -> Response[RunDocument]:
        """At once what has not begun; else it goes on until its steps in flight are through."""
        with context.database.write() as session:
            return accepted(session, runs.cancel(context, session, actor, runs.named(session, actor, ref)))

    @post("/{ref:str}/retry", sync_to_thread=True, status_code=202)
    def retry_run(self, context: AContext, actor: AnActor, ref: FromPath[str]) -> Response[RunDocument]:
        """A new run of the same."""
        with context.database.write() as session:
            return accepted(session, runs.retry(context, session, actor, runs.named(session, actor, ref)))

    @get(
        "/{ref:str}/events",
        sync_to_thread=True,
        media_type=stream.MEDIA_TYPE,
        responses={204: ResponseSpec(None, generate_examples=False, description="It has ended and all was told")},
    )
    def follow_run(
        self,
        context: AContext,
        actor: AnActor,
        request: Request[Any, Any, Any],
        ref: FromPath[str],
        since: FromQuery[int] = 0,
    ) -> ServerSentEvent | Response[None]:
        """Server-sent events: state, step, log, wait, done."""
        seen = stream.last_event_id(request, since)
        with context.database.read() as session:
            run = runs.named(session, actor, ref)
            if run.state.ended and events.last_seq(session, f"run:{run.id}") <= seen:
                return Response(None, status_code=204)
        return stream.tail(context.database, f"run:{run.id}", seen)
