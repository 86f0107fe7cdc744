"""Resources: the list, and one resource by its tabs."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from sqlmodel import Session

from fairway.domain import (
    access,
    bindings,
    connections,
    environments,
    follow_ups,
    resources,
    revisions,
    rotation,
    runs,
    teams,
)
from fairway.domain.actor import Actor
from fairway.domain.documents import ConnectionDocument
from fairway.errors import Conflict, FairwayError
from fairway.models import Observation, Resource, ResourceState, Role
from fairway_ui import figures, shell
from fairway_ui.redirects import to
from fairway_ui.runs import place

PAGE = 50


@get("/resources", sync_to_thread=True)
def list_resources(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    service: FromQuery[str] = "",
    environment: FromQuery[str] = "",
    offering: FromQuery[str] = "",
    team: FromQuery[str] = "",
    life: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Template:
    """life: a state, or empty for what lives."""
    chosen = {"service": service, "environment": environment, "offering": offering, "team": team, "life": life}
    with context.database.read() as session:
        rows = resources.visible(
            session,
            actor,
            service=service,
            environment=environment,
            offering=offering,
            team=team,
            state=life,
            before=place(before),
            limit=PAGE + 1,
        )
        older = ""
        if len(rows) > PAGE:
            last = rows[PAGE - 1]
            older = urlencode({**chosen, "before": f"{last.created_at.isoformat()}~{last.id}"})
        return shell.page(
            request,
            session,
            "resources/index.html",
            here="Resources",
            resources=resources.documents(session, rows[:PAGE]),
            older=older,
            first=not before,
            chosen=chosen,
            environments=environments.everywhere(session, actor),
            teams=teams.visible(session, actor),
            offerings=list(context.catalog),
            states=list(ResourceState),
        )


@get("/resources/{ref:str}", sync_to_thread=True)
def show_resource(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]
) -> Template:
    return overview(request, context, actor, ref)


@get("/resources/{ref:str}/status", sync_to_thread=True)
def show_status(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    ref: FromPath[str],
    seen: FromQuery[str] = "",
) -> Template | Response[None]:
    """The status line, polled: 204 while it is what was seen."""
    with context.database.read() as session:
        values = frame(context, session, actor, ref)
        if values["seen"] == seen:
            return Response(None, status_code=204)
        return shell.fragment(request, "resources/_status.html", **values)


@post("/resources/{ref:str}/reveals", sync_to_thread=True)
def reveal(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]
) -> Template | Response[ConnectionDocument]:
    """The secrets in clear; it leaves an audit row. As JSON for the copy buttons."""
    with context.database.write() as session:
        row = resources.named(session, actor, ref)
        clear = connections.of(context, session, actor, row, reveal=True)
    if "application/json" in request.headers.get("accept", ""):
        return Response(clear, headers=shell.NO_STORE, status_code=200)
    if shell.is_htmx(request):
        with context.database.read() as session:
            document = resources.document(session, row)
        return shell.fragment(
            request, "resources/_connection.html", resource=document, connection=clear, revealed=True, may_change=True
        )
    return overview(request, context, actor, ref, connection=clear)


@get("/resources/{ref:str}/runs", sync_to_thread=True)
def show_runs(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]) -> Template:
    with context.database.read() as session:
        row = resources.named(session, actor, ref)
        rows = runs.documents(session, runs.visible(session, actor, resource=row))
        return tab(request, context, session, actor, row, "runs", runs=rows)


@get("/resources/{ref:str}/pods", sync_to_thread=True)
def show_pods(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]) -> Template:
    with context.database.read() as session:
        row = resources.named(session, actor, ref)
        seen = _seen(session, row)
        if shell.is_htmx(request):
            return shell.fragment(request, "resources/_pods.html", observation=seen)
        return tab(request, context, session, actor, row, "pods", observation=seen)


@get("/resources/{ref:str}/revisions", sync_to_thread=True)
def show_revisions(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]
) -> Template:
    with context.database.read() as session:
        row = resources.named(session, actor, ref)
        found = revisions.documents(session, actor, row)
        return tab(request, context, session, actor, row, "revisions", revisions=found)


@get("/resources/{ref:str}/settings", sync_to_thread=True)
def show_settings(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]
) -> Template:
    return settings(request, context, actor, ref)


@post("/resources/{ref:str}/protection", sync_to_thread=True)
def protect(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str], data: shell.Form
) -> Template | Redirect:
    try:
        with context.database.write() as session:
            row = resources.named(session, actor, ref)
            resources.set_protected(session, actor, row, shell.text(data, "protected") == "yes")
    except FairwayError as error:
        return settings(request, context, actor, ref, error)
    return to(f"/resources/{ref}/settings")


def overview(
    request: shell.ARequest,
    context: shell.AContext,
    actor: Actor,
    ref: str,
    *,
    connection: ConnectionDocument | None = None,
) -> Template:
    with context.database.read() as session:
        row = resources.named(session, actor, ref)
    measured = figures.key(context, row)
    with context.database.read() as session:
        row = resources.named(session, actor, row.id)
        revealed = connection is not None
        if connection is None:
            try:
                connection = connections.of(context, session, actor, row)
            except Conflict:
                connection = None
        return tab(
            request,
            context,
            session,
            actor,
            row,
            "overview",
            connection=connection,
            revealed=revealed,
            bindings=bindings.document(session, row),
            missing={follower["id"]: follower for follower in follow_ups.missing(session, row)},
            rotates=rotation.is_possible(context, row),
            observation=_seen(session, row),
            revisions=revisions.documents(session, actor, row)[:5],
            **measured,
        )


def settings(
    request: shell.ARequest,
    context: shell.AContext,
    actor: Actor,
    ref: str,
    error: FairwayError | None = None,
) -> Template:
    with context.database.read() as session:
        row = resources.named(session, actor, ref)
        return tab(
            request,
            context,
            session,
            actor,
            row,
            "settings",
            error=error,
            used_by=bindings.consumers(session, row),
            rotates=rotation.is_possible(context, row),
        )


def tab(
    request: shell.ARequest,
    context: shell.AContext,
    session: Session,
    actor: Actor,
    row: Resource,
    name: str,
    **values: Any,
) -> Template:
    """A page of the resource, with its head, status and tabs."""
    values |= frame(context, session, actor, row.id) | {"tab": name}
    return shell.page(request, session, f"resources/{name}.html", here="Resources", **values)


def frame(context: shell.AContext, session: Session, actor: Actor, ref: str) -> dict[str, Any]:
    row = resources.named(session, actor, ref)
    document = resources.document(session, row)
    offering = context.catalog.get(row.offering, row.offering_version)
    latest = runs.visible(session, actor, resource=row, limit=1)
    last_run = runs.documents(session, latest)[0] if latest else None
    team, unfinished = resources.owner(session, row), rotation.is_unfinished(row) and row.active_run_id is None
    seen = f"{row.version}.{row.health_at}.{row.health.get('status')}.{last_run and last_run['state']}"
    return {
        "resource": document,
        "offering": offering,
        "plan": offering.plan(document["plan"]),
        "last_run": last_run,
        "outlook": rotation.outlook(context, latest[0], row) if unfinished and latest else "",
        "may_change": access.may(actor, team, Role.MEMBER) and row.destroyed_at is None,
        "may_own": access.may(actor, team, Role.OWNER),
        "seen": seen,
        "base": f"/resources/{row.id}",
    }


def _seen(session: Session, row: Resource) -> Observation | None:
    return session.get(Observation, row.id)


handlers = [
    list_resources,
    protect,
    reveal,
    show_pods,
    show_resource,
    show_revisions,
    show_runs,
    show_settings,
    show_status,
]
