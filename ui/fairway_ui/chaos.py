"""Chaos: every trial, the kept experiments, and the kill switch, halted by any member and released by an admin."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template
from sqlmodel import Session, col, select

from fairway.domain import environments, experiments, kill_switch, resources, trials
from fairway.domain.actor import Actor
from fairway.errors import FairwayError
from fairway.models import Experiment, Resource, Role, User
from fairway_ui import shell
from fairway_ui.redirects import to
from fairway_ui.runs import place

PAGE = 50


@get("/chaos", sync_to_thread=True)
def show_chaos(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, before: FromQuery[str] = ""
) -> Template:
    return _index(request, context, actor, before)


@get("/chaos/trials", sync_to_thread=True)
def show_table(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, seen: FromQuery[str] = ""
) -> Template | Response[None]:
    """The newest trials, polled: 204 while they are what was seen."""
    with context.database.read() as session:
        values = _newest(session, actor, "")
        if values["seen"] == seen:
            return Response(None, status_code=204)
        return shell.fragment(request, "chaos/_trials.html", **values)


@post("/chaos/halt", sync_to_thread=True)
def halt(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, data: shell.Form
) -> Template | Redirect:
    try:
        with context.database.write() as session:
            kill_switch.halt(session, actor, shell.text(data, "reason"))
    except FairwayError as error:
        return _index(request, context, actor, "", error)
    return to("/chaos")


@post("/chaos/resume", sync_to_thread=True)
def resume(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, data: shell.Form
) -> Template | Redirect:
    try:
        with context.database.write() as session:
            kill_switch.resume(session, actor, shell.text(data, "reason"))
    except FairwayError as error:
        return _index(request, context, actor, "", error)
    return to("/chaos")


def switch(session: Session, actor: Actor) -> dict[str, Any]:
    """What the banner shows on every page about chaos: `halted` is None while trials may run."""
    row = kill_switch.seen(session, actor)
    by = session.get(User, row.set_by) if row.set_by else None
    halted = {"reason": row.reason, "at": row.set_at, "by": by.name if by else "Fairway"} if row.halted else None
    return {"halted": halted}


def _index(
    request: shell.ARequest,
    context: shell.AContext,
    actor: Actor,
    before: str,
    error: FairwayError | None = None,
) -> Template:
    with context.database.read() as session:
        return shell.page(
            request,
            session,
            "chaos/index.html",
            here="Chaos",
            error=error,
            first=not before,
            experiments=_experiments(session, actor),
            chaotic=[e.name for e in environments.everywhere(session, actor) if e.chaos],
            may_halt=actor.admin or any(role.rank >= Role.MEMBER.rank for role in actor.roles.values()),
            **switch(session, actor),
            **_newest(session, actor, before),
        )


def _newest(session: Session, actor: Actor, before: str) -> dict[str, Any]:
    rows = trials.visible(session, actor, before=place(before), limit=PAGE + 1)
    older = ""
    if len(rows) > PAGE:
        last = rows[PAGE - 1]
        older = urlencode({"before": f"{last.created_at.isoformat()}~{last.id}"})
    found = trials.documents(session, rows[:PAGE])
    living = [t for t in found if not t["verdict"]]
    seen = f"{found[0]['id'][-8:] if found else ''}.{len(living)}.{'.'.join(t['state'] for t in living)}"
    return {"trials": found, "older": older, "living": len(living), "seen": seen}


def _experiments(session: Session, actor: Actor) -> list[dict[str, Any]]:
    rows: list[Experiment] = list(experiments.visible(session, actor))
    about = select(Resource).where(col(Resource.id).in_({row.resource_id for row in rows}))
    places = {d["id"]: d for d in resources.documents(session, session.exec(about).all())}
    return [experiments.document(row) | {"about": places[row.resource_id]} for row in rows]


handlers = [show_chaos, show_table, halt, resume]
