"""Runs: the list, and one run as it goes on."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, ServerSentEvent, Template
from litestar.response.sse import ServerSentEventMessage
from sqlmodel import Session

from fairway.domain import access, approvals, events, resources, runs
from fairway.domain.actor import Actor
from fairway.domain.following import follow
from fairway.errors import FairwayError, Invalid
from fairway.models import Event, Resource, Role, Run, RunState
from fairway_ui import shell
from fairway_ui.redirects import to
from fairway_ui.templating import render

PAGE = 50


@get("/runs", sync_to_thread=True)
def list_runs(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    run_state: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Template:
    with context.database.read() as session:
        rows = runs.visible(session, actor, state=run_state, before=place(before), limit=PAGE + 1)
        older = ""
        if len(rows) > PAGE:
            last = rows[PAGE - 1]
            older = urlencode({"run_state": run_state, "before": f"{last.created_at.isoformat()}~{last.id}"})
        return shell.page(
            request,
            session,
            "runs/index.html",
            here="Runs",
            runs=runs.documents(session, rows[:PAGE]),
            older=older,
            first=not before,
            states=list(RunState),
            chosen=run_state,
        )


@get("/approvals", sync_to_thread=True)
def list_approvals(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor) -> Template:
    with context.database.read() as session:
        rows = runs.visible(session, actor, state=RunState.AWAITING_APPROVAL)
        return shell.page(request, session, "runs/approvals.html", here="Runs", runs=runs.documents(session, rows))


@get("/runs/{ref:str}", sync_to_thread=True)
def show_run(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]) -> Template:
    return _show(request, context, actor, ref)


@get("/runs/{ref:str}/followers", sync_to_thread=True)
def show_followers(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]
) -> Template:
    """Polled until all of them have ended."""
    with context.database.read() as session:
        values = _values(session, actor, runs.named(session, actor, ref))
    return shell.fragment(request, "runs/_followers.html", **values)


@post("/runs/{ref:str}/approval", sync_to_thread=True)
def decide(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str], data: shell.Form
) -> Template | Redirect:
    try:
        with context.database.write() as session:
            run = runs.named(session, actor, ref)
            yes = shell.text(data, "decision") == "approve"
            approvals.decide(context, session, actor, run, yes, shell.text(data, "comment"))
    except FairwayError as error:
        return _show(request, context, actor, ref, error)
    return to(f"/runs/{ref}")


@post("/runs/{ref:str}/cancellation", sync_to_thread=True)
def cancel(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]
) -> Template | Redirect:
    try:
        with context.database.write() as session:
            runs.cancel(context, session, actor, runs.named(session, actor, ref))
    except FairwayError as error:
        return _show(request, context, actor, ref, error)
    return to(f"/runs/{ref}")


@post("/runs/{ref:str}/retry", sync_to_thread=True)
def retry(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]
) -> Template | Redirect:
    try:
        with context.database.write() as session:
            again = runs.retry(context, session, actor, runs.named(session, actor, ref))
    except FairwayError as error:
        return _show(request, context, actor, ref, error)
    return to(f"/runs/{again.id}")


@get("/runs/{ref:str}/events", sync_to_thread=True)
def stream_run(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    ref: FromPath[str],
    since: FromQuery[int] = 0,
) -> ServerSentEvent:
    """Fragments of the page: `ladder`, `wait`, `steps`, `log`, and `done` at the end."""
    with context.database.read() as session:
        run = runs.named(session, actor, ref)
    last = request.headers.get("last-event-id", "")
    basics = shell.basics(request)
    return ServerSentEvent(_stream(context, actor, run.id, int(last) if last.isdecimal() else since, basics))


async def _stream(
    context: shell.AContext, actor: Actor, run_id: str, since: int, basics: dict[str, Any]
) -> AsyncIterator[ServerSentEventMessage]:
    async for event in follow(context.database, f"run:{run_id}", since):
        if event is None:
            yield ServerSentEventMessage(comment="still here")
            continue
        for name, html in await asyncio.to_thread(_fragments, context, actor, run_id, event, basics):
            yield ServerSentEventMessage(data=html, event=name, id=str(event.seq))


def _fragments(
    context: shell.AContext, actor: Actor, run_id: str, event: Event, basics: dict[str, Any]
) -> list[tuple[str, str]]:
    if event.kind == "log":
        return [("log", render("runs/_line.html", line=event))]
    with context.database.read() as session:
        values = basics | _values(session, actor, session.get_one(Run, run_id))
    if event.kind == "step":
        return [("steps", render("runs/_steps.html", **values))]
    if event.kind == "wait":
        return [("wait", render("runs/_wait.html", **values))]
    parts = [("ladder", render("runs/_ladder.html", **values)), ("wait", render("runs/_wait.html", **values))]
    parts += [(name, render(f"runs/_{name}.html", **values)) for name in ("acts", "followers")]
    return [*parts, *([("done", "")] if event.kind == "done" else [])]


def _show(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    ref: str,
    error: FairwayError | None = None,
) -> Template:
    with context.database.read() as session:
        row = runs.named(session, actor, ref)
        stream = f"run:{row.id}"
        lines = [e for e in events.after(session, stream, 0, limit=5000) if e.kind == "log"]

        return shell.page(
            request,
            session,
            "runs/show.html",
            here="Runs",
            error=error,
            lines=lines[-500:],
            since=events.last_seq(session, stream),
            live=not row.state.ended,
            **_values(session, actor, row),
        )


def _values(session: Session, actor: Actor, row: Run) -> dict[str, Any]:
    resource = session.get_one(Resource, row.resource_id)
    team = resources.owner(session, resource)
    return {
        "run": runs.with_steps(session, row),
        "ended": row.state.ended,
        "stack": resource.stack,
        "before": resource.applied or {},
        "may_change": access.may(actor, team, Role.MEMBER),
        "may_decide": access.may(actor, team, Role.OWNER),
        "ladder": ladder(row),
    }


def ladder(row: Run) -> list[dict[str, Any]]:
    """The run's states in order: `{label, at, state: done|now|todo|failed, note}`."""
    rungs: list[tuple[str, datetime | None, bool]] = [
        ("Requested", row.created_at, True),
        ("Previewed", row.started_at, bool(row.changes) or row.applying_at is not None or row.decided_at is not None),
    ]
    if row.needs_approval:
        rungs.append(("Approved" if row.decision != "rejected" else "Rejected", row.decided_at, bool(row.decided_at)))
    rungs += [
        ("Applied", row.applying_at, row.verifying_at is not None or row.state is RunState.SUCCEEDED),
        ("Health verified", row.verifying_at, row.state is RunState.SUCCEEDED),
    ]
    found, reached = [], True
    for label, at, done in rungs:
        state = "done" if done else "now" if reached and not row.state.ended else "todo"
        if not done and reached and row.state.ended:
            state = "failed"
        found.append({"label": label, "at": at, "state": state})
        reached = reached and done
    ended = {"label": str(row.state).replace("_", " ").capitalize() if row.state.ended else "Ready", "at": row.ended_at}
    return [*found, ended | {"state": "done" if row.state is RunState.SUCCEEDED else "todo"}]


def place(before: str) -> tuple[datetime, str] | None:
    """`<time>~<id>`: the row that a page starts after."""
    if not before:
        return None
    at, _, identity = before.partition("~")
    try:
        return datetime.fromisoformat(at), identity
    except ValueError as error:
        raise Invalid.field("/before", "There is no such page; start with the newest") from error


handlers = [list_runs, list_approvals, show_run, show_followers, decide, cancel, retry, stream_run]
