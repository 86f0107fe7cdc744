"""Creating a resource: a form made from the offering, with a preview beside it."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from sqlmodel import Session

from fairway.domain import access, bindings, environments, offerings, previews, provisioning, services, teams
from fairway.domain.actor import Actor
from fairway.domain.wishes import Wish
from fairway.errors import FairwayError
from fairway.models import Operation, Role
from fairway_catalog import Offering
from fairway_ui import fields, shell
from fairway_ui.previews import panel
from fairway_ui.redirects import to


@get("/create/{offering:str}", sync_to_thread=True)
def show_form(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    offering: FromPath[str],
    service: FromQuery[str] = "",
    environment: FromQuery[str] = "",
) -> Template:
    return _form(request, context, actor, offering, {"service": service, "environment": environment})


@post("/create/{offering:str}/preview", status_code=200, sync_to_thread=True)
def preview(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    offering: FromPath[str],
    data: shell.Form,
) -> Template:
    """The form as it stands, on each change: its preview, or what is wrong with it."""
    try:
        with context.database.write() as session:
            wish = _wish(offerings.find(context, offering), data)
            document = previews.document(previews.ask(context, session, actor, wish, shell.text(data, "supersedes")))
    except FairwayError as error:
        return panel(request, None, error)
    return panel(request, document)


@post("/create/{offering:str}", sync_to_thread=True)
def create(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    offering: FromPath[str],
    data: shell.Form,
) -> Template | Redirect:
    """With a preview: creates what it showed. Without one, from a browser without script: leads to the preview."""
    try:
        with context.database.write() as session:
            wish = _wish(offerings.find(context, offering), data)
            shown = shell.text(data, "preview")
            if not shown:
                return to(f"/previews/{previews.ask(context, session, actor, wish).id}")
            row = previews.named(session, actor, shown)
            reason = shell.text(data, "reason")
            run = provisioning.request(context, session, actor, wish, preview=row, reason=reason)
    except FairwayError as error:
        return _form(request, context, actor, offering, data, error)
    return to(f"/runs/{run.id}")


def _wish(offering: Offering, form: dict[str, Any]) -> Wish:
    return Wish(
        Operation.CREATE,
        service=shell.text(form, "service"),
        environment=shell.text(form, "environment"),
        name=shell.text(form, "name"),
        offering=offering.name,
        plan=shell.text(form, "plan"),
        parameters=fields.read(offering, form),
        bindings=tuple(shell.many(form, "bindings")) if offering.binds else None,
    )


def _form(
    request: shell.ARequest,
    context: shell.AContext,
    actor: Actor,
    name: str,
    given: dict[str, Any],
    error: FairwayError | None = None,
) -> Template:
    offering = offerings.find(context, name)
    with context.database.read() as session:
        ours = [team for team in teams.visible(session, actor) if access.may(actor, team.id, Role.MEMBER)]
        owners = {team.id: team.name for team in ours}
        mine = [s for s in services.visible(session, actor) if s.team_id in owners]
        return shell.page(
            request,
            session,
            "resources/create.html",
            here="Catalog",
            error=error,
            offering=offering,
            offerings=list(context.catalog),
            services=mine,
            teams=ours,
            next=f"/create/{offering.name}",
            owners=owners,
            environments=environments.everywhere(session, actor),
            bindable=_bindable(session, context, mine, actor) if offering.binds else [],
            chosen=shell.many(given, "bindings"),
            fields=fields.of(offering, _typed(offering, given)),
            given=given,
        )


def _bindable(session: Session, context: shell.AContext, mine: list[Any], actor: Actor) -> list[tuple[str, str, str]]:
    """(name, service, environment) of what deployments of one's services could use."""
    found = set()
    for environment in environments.everywhere(session, actor):
        for service in mine:
            for row, owner in bindings.bindable(session, context.catalog, service, environment):
                found.add((row.name, owner.name, environment.name))
    return sorted(found)


def _typed(offering: Offering, form: dict[str, Any]) -> dict[str, Any]:
    try:
        return fields.read(offering, form)
    except FairwayError:
        return {}


handlers = [show_form, preview, create]
