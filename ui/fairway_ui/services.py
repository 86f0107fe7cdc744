"""Services: the list, one service with what it has in each environment."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from fairway.domain import access, environments, resources, services, teams
from fairway.errors import FairwayError
from fairway.models import Role
from fairway_ui import shell
from fairway_ui.redirects import local, to


@get("/services", sync_to_thread=True)
def list_services(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, next: FromQuery[str] = ""
) -> Template:
    """next: a form of ours that waits for a service."""
    return _index(request, context, actor, {"next": next})


@post("/services", sync_to_thread=True)
def create_service(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, data: shell.Form
) -> Template | Redirect:
    name = shell.text(data, "name")
    try:
        with context.database.write() as session:
            chosen = shell.text(data, "team")
            team = teams.named(session, actor, chosen) if chosen else teams.only(session, actor)
            services.create(session, actor, name, team, summary=shell.text(data, "summary"))
    except FairwayError as error:
        return _index(request, context, actor, data, error)
    wanted = shell.text(data, "next")
    return to(f"{local(wanted)}?service={name}" if wanted else f"/services/{name}")


@get("/services/{name:str}", sync_to_thread=True)
def show_service(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, name: FromPath[str]
) -> Template:
    return _show(request, context, actor, name)


@post("/services/{name:str}", sync_to_thread=True)
def change_service(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, name: FromPath[str], data: shell.Form
) -> Template | Redirect:
    try:
        with context.database.write() as session:
            row = services.named(session, actor, name)
            version = shell.text(data, "version")
            services.change(
                session,
                actor,
                row,
                summary=shell.text(data, "summary"),
                version=int(version) if version.isdecimal() else None,
            )
    except FairwayError as error:
        return _show(request, context, actor, name, error)
    return to(f"/services/{name}")


@post("/services/{name:str}/deletion", sync_to_thread=True)
def delete_service(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, name: FromPath[str]
) -> Template | Redirect:
    try:
        with context.database.write() as session:
            services.delete(session, actor, services.named(session, actor, name))
    except FairwayError as error:
        return _show(request, context, actor, name, error)
    return to("/services")


def _index(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    given: dict[str, Any] | None = None,
    error: FairwayError | None = None,
) -> Template:
    with context.database.read() as session:
        mine = teams.visible(session, actor)
        return shell.page(
            request,
            session,
            "services/index.html",
            here="Services",
            error=error,
            services=services.visible(session, actor),
            owners={team.id: team.name for team in mine},
            teams=[team for team in mine if access.may(actor, team.id, Role.MEMBER)],
            given=given or {},
            next=local(shell.text(given, "next")) if given and given.get("next") else "",
        )


def _show(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    name: str,
    error: FairwayError | None = None,
) -> Template:
    with context.database.read() as session:
        row = services.named(session, actor, name)
        return shell.page(
            request,
            session,
            "services/show.html",
            here="Services",
            error=error,
            service=row,
            team=teams.named(session, actor, row.team_id),
            resources=resources.documents(session, resources.visible(session, actor, service=row.name, limit=200)),
            environments=environments.everywhere(session, actor),
            may_change=access.may(actor, row.team_id, Role.MEMBER),
            may_delete=access.may(actor, row.team_id, Role.OWNER),
        )


handlers = [list_services, create_service, show_service, change_service, delete_service]
