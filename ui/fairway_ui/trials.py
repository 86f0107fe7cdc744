"""One trial: followed while it runs, and what it found out once it has ended."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, ServerSentEvent, Template
from litestar.response.sse import ServerSentEventMessage
from sqlmodel import Session

from fairway.domain import access, experiments, resources, trials
from fairway.domain.actor import Actor
from fairway.domain.following import follow
from fairway.domain.trial_documents import TrialDocument
from fairway.errors import FairwayError
from fairway.models import Event, Resource, Role, Trial
from fairway_chaos import junit
from fairway_ui import chaos, interval, shell, timeline, trial_record
from fairway_ui.redirects import to
from fairway_ui.templating import render
from fairway_ui.trial_record import Record

PHASES = (
    ("preflight", "Preflight"),
    ("baseline", "Baseline"),
    ("injecting", "Kill"),
    ("recovering", "Recovery"),
    ("settling", "Afterwards"),
    ("ended", "Ended"),
)


@get("/trials/{ref:str}", sync_to_thread=True)
def show_trial(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]) -> Template:
    return _show(request, context, actor, ref)


@post("/trials/{ref:str}/abort", sync_to_thread=True)
def abort(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str], data: shell.Form
) -> Template | Redirect:
    try:
        with context.database.write() as session:
            trials.abort(session, actor, trials.named(session, actor, ref), shell.text(data, "reason"))
    except FairwayError as error:
        return _show(request, context, actor, ref, error)
    return to(f"/trials/{ref}")


@post("/trials/{ref:str}/experiment", sync_to_thread=True)
def keep(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str], data: shell.Form
) -> Template | Redirect:
    """Keeps its definition under a name."""
    try:
        with context.database.write() as session:
            row = trials.named(session, actor, ref)
            action = {k: v for k, v in row.definition.get("action", {}).items() if k != "seed"}
            definition = {**row.definition, "action": action}
            experiments.create(session, actor, shell.text(data, "name"), definition)
    except FairwayError as error:
        return _show(request, context, actor, ref, error)
    return to("/chaos")


@get("/trials/{ref:str}/journal", sync_to_thread=True)
def journal(context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]) -> Response[dict[str, Any]]:
    with context.database.read() as session:
        row = trials.named(session, actor, ref)
        return Response(trials.journal(row), headers=_as_file(f"trial-{row.id[-8:]}.json"))


@get("/trials/{ref:str}/junit", sync_to_thread=True, media_type="application/xml")
def junit_report(context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]) -> Response[str]:
    with context.database.read() as session:
        row = trials.named(session, actor, ref)
        text = junit.report([trials.document(session, row)])
        return Response(text, headers=_as_file(f"trial-{row.id[-8:]}.xml"))


@get("/trials/{ref:str}/events", sync_to_thread=True)
def stream_trial(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    ref: FromPath[str],
    since: FromQuery[int] = 0,
) -> ServerSentEvent:
    """Fragments of the page: `ladder`, `figure`, `pods`, `abort`, then `report`, `findings`, `acts`, `done`."""
    last = request.headers.get("last-event-id", "")
    since = int(last) if last.isdecimal() else since
    with context.database.read() as session:
        trial = trials.named(session, actor, ref)
        record = trial_record.read(session, trial, until=since)
    return ServerSentEvent(_stream(context, actor, trial.id, record, since, shell.basics(request)))


async def _stream(
    context: shell.AContext, actor: Actor, trial_id: str, record: Record, since: int, basics: dict[str, Any]
) -> AsyncIterator[ServerSentEventMessage]:
    async for event in follow(context.database, f"trial:{trial_id}", since):
        if event is None:
            yield ServerSentEventMessage(comment="still here")
            continue
        record.feed(event)
        for name, html in await asyncio.to_thread(_fragments, context, actor, trial_id, event, record, basics):
            yield ServerSentEventMessage(data=html, event=name, id=str(event.seq))


def _fragments(
    context: shell.AContext, actor: Actor, trial_id: str, event: Event, record: Record, basics: dict[str, Any]
) -> list[tuple[str, str]]:
    with context.database.read() as session:
        row = session.get_one(Trial, trial_id)
        if event.kind == "done":
            record = trial_record.read(session, row)
        values = basics | _values(session, actor, row, record)
    if event.kind == "abort":
        parts = {"abort": "trials/_abort.html", "acts": "trials/_acts.html"}
    else:
        parts = {"figure": "trials/_figure.html"}
    if event.kind in ("state", "done"):
        parts["ladder"] = "trials/_ladder.html"
    if event.kind in ("victim", "done"):
        parts["pods"] = "trials/_pods.html"
    if event.kind == "done":
        parts |= {"report": "trials/_report.html", "findings": "trials/_findings.html", "acts": "trials/_acts.html"}
    sent = [(name, render(template, **values)) for name, template in parts.items()]
    return [*sent, ("done", "")] if event.kind == "done" else sent


def _show(
    request: shell.ARequest,
    context: shell.AContext,
    actor: Actor,
    ref: str,
    error: FairwayError | None = None,
) -> Template:
    with context.database.read() as session:
        row = trials.named(session, actor, ref)
        record = trial_record.read(session, row)
        return shell.page(
            request,
            session,
            "trials/show.html",
            here="Chaos",
            error=error,
            since=record.seq,
            **chaos.switch(session, actor),
            **_values(session, actor, row, record),
        )


def _values(session: Session, actor: Actor, row: Trial, record: Record) -> dict[str, Any]:
    resource = session.get_one(Resource, row.resource_id)
    document, whole = trials.document(session, row), trial_record.recovered(record, row.summary)
    widths = {"wide": timeline.WIDE, "narrow": timeline.NARROW}
    return {
        "trial": document,
        "definition": row.definition,
        "ended": row.ended_at is not None,
        "record": record,
        "victims": list(record.victims.values()),
        "ladder": _ladder(row, record),
        "whole": {name: timeline.whole(record, whole, width) for name, width in widths.items()},
        "window": {name: timeline.window(record, whole, width) for name, width in widths.items()},
        "interval": interval.draw(document["availability"]) if document["availability"] else None,
        "checks": [c for phase in ("before", "during", "after") for c in _checks(document, phase)],
        "preflight": (row.journal or {}).get("preflight"),
        "gaps": (row.journal or {}).get("gaps", []),
        "may_change": access.may(actor, resources.owner(session, resource), Role.MEMBER),
        "abort": {"reason": row.abort_reason, "at": row.abort_requested_at} if row.abort_requested_at else None,
    }


def _checks(document: TrialDocument, phase: str) -> list[dict[str, Any]]:
    return list(((document["hypothesis"] or {}).get(phase) or {}).get("checks", []))


def _ladder(row: Trial, record: Record) -> list[dict[str, Any]]:
    """The phases in order: `{label, t, state: done|now|todo}`; one that was not reached stays todo."""
    reached = [name for name, _ in PHASES if name in record.states]
    found = []
    for name, label in PHASES:
        is_last = bool(reached) and name == reached[-1]
        state = "todo" if name not in reached else "now" if is_last and row.ended_at is None else "done"
        found.append({"label": label, "t": record.states.get(name), "state": state})
    if row.ended_at is not None:
        found[-1]["state"] = "done"
    elif not reached:
        found[0]["state"] = "now"
    return found


def _as_file(name: str) -> dict[str, str]:
    return {**shell.NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}


handlers = [show_trial, abort, keep, journal, junit_report, stream_trial]
