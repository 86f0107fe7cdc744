"""Teams: the list, one team with its people, invitations."""

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from fairway.domain import access, invitations, services, teams
from fairway.errors import FairwayError, Invalid
from fairway.models import Role
from fairway_ui import shell
from fairway_ui.numbers import cents
from fairway_ui.redirects import to


@get("/teams", sync_to_thread=True)
def list_teams(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor) -> Template:
    return _index(request, context, actor)


@post("/teams", sync_to_thread=True)
def create_team(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, data: shell.Form
) -> Template | Redirect:
    name = shell.text(data, "name")
    try:
        with context.database.write() as session:
            budget = cents(shell.text(data, "budget_monthly"), "/budget_monthly")
            teams.create(session, actor, name, title=shell.text(data, "title"), budget_monthly=budget)
    except FairwayError as error:
        return _index(request, context, actor, data, error)
    return to(f"/teams/{name}")


@get("/teams/{name:str}", sync_to_thread=True)
def show_team(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, name: FromPath[str]) -> Template:
    return _show(request, context, actor, name)


@post("/teams/{name:str}", sync_to_thread=True)
def change_team(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, name: FromPath[str], data: shell.Form
) -> Template | Redirect:
    try:
        with context.database.write() as session:
            team = teams.named(session, actor, name)
            version = shell.text(data, "version")
            teams.change(
                session,
                actor,
                team,
                title=shell.text(data, "title"),
                budget_monthly=cents(shell.text(data, "budget_monthly"), "/budget_monthly"),
                version=int(version) if version.isdecimal() else None,
            )
    except FairwayError as error:
        return _show(request, context, actor, name, error=error)
    return to(f"/teams/{name}")


@post("/teams/{name:str}/members/{person:str}", sync_to_thread=True)
def change_member(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    name: FromPath[str],
    person: FromPath[str],
    data: shell.Form,
) -> Template | Redirect:
    """role: the new one, or `none` to remove the person."""
    role = shell.text(data, "role")
    try:
        with context.database.write() as session:
            team = teams.named(session, actor, name)
            if role == "none":
                teams.remove(session, actor, team, person)
            else:
                teams.set_role(session, actor, team, person, _role(role))
    except FairwayError as error:
        return _show(request, context, actor, name, error=error)
    return to("/teams" if role == "none" and person == actor.name else f"/teams/{name}")


@post("/teams/{name:str}/invitations", sync_to_thread=True)
def invite(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, name: FromPath[str], data: shell.Form
) -> Template:
    try:
        with context.database.write() as session:
            team = teams.named(session, actor, name)
            _, secret = invitations.make(session, actor, team, _role(shell.text(data, "role")))
    except FairwayError as error:
        return _show(request, context, actor, name, error=error)
    return _show(request, context, actor, name, link=f"{context.settings.url}/invitations/{secret}")


def _role(value: str) -> Role:
    try:
        return Role(value)
    except ValueError as error:
        raise Invalid.field("/role", f"{value!r} is no role; choose viewer, member or owner") from error


def _index(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    given: dict[str, object] | None = None,
    error: FairwayError | None = None,
) -> Template:
    with context.database.read() as session:
        rows = teams.visible(session, actor)
        owned = services.visible(session, actor)
        counts = {team.id: sum(s.team_id == team.id for s in owned) for team in rows}
        return shell.page(
            request,
            session,
            "teams/index.html",
            here="Teams",
            error=error,
            teams=rows,
            counts=counts,
            given=given or {},
        )


def _show(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    name: str,
    *,
    link: str = "",
    error: FairwayError | None = None,
) -> Template:
    with context.database.read() as session:
        team = teams.named(session, actor, name)
        return shell.page(
            request,
            session,
            "teams/show.html",
            here="Teams",
            error=error,
            team=team,
            members=teams.members(session, actor, team),
            services=[s for s in services.visible(session, actor) if s.team_id == team.id],
            roles=list(Role),
            may_own=access.may(actor, team.id, Role.OWNER),
            link=link,
        )


handlers = [list_teams, create_team, show_team, change_team, change_member, invite]
