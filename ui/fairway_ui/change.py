"""Changing a resource: the form with its difference; rotation, rollback, refresh and destroy, over a preview each."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlmodel import Session

from fairway.domain import bindings, environments, previews, provisioning, resources, services
from fairway.domain.actor import Actor
from fairway.domain.wishes import Wish, for_resource
from fairway.errors import FairwayError
from fairway.models import Operation, Resource
from fairway_catalog import Offering
from fairway_ui import fields, shell
from fairway_ui.numbers import whole
from fairway_ui.previews import panel
from fairway_ui.redirects import to
from fairway_ui.resources import settings, tab


@get("/resources/{ref:str}/change", sync_to_thread=True)
def show_change(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]) -> Template:
    return _form(request, context, actor, ref)


@post("/resources/{ref:str}/change/preview", status_code=200, sync_to_thread=True)
def preview_change(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str], data: shell.Form
) -> Template:
    try:
        with context.database.write() as session:
            wish = _wish(context, session, actor, ref, data)
            document = previews.document(previews.ask(context, session, actor, wish, shell.text(data, "supersedes")))
    except FairwayError as error:
        return panel(request, None, error)
    return panel(request, document)


@post("/resources/{ref:str}/change", sync_to_thread=True)
def change(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str], data: shell.Form
) -> Template | Redirect:
    try:
        with context.database.write() as session:
            wish = _wish(context, session, actor, ref, data)
            shown = shell.text(data, "preview")
            if not shown:
                return to(f"/previews/{previews.ask(context, session, actor, wish).id}")
            row = previews.named(session, actor, shown)
            reason = shell.text(data, "reason")
            run = provisioning.request(context, session, actor, wish, preview=row, reason=reason)
    except FairwayError as error:
        return _form(request, context, actor, ref, data, error)
    return to(f"/runs/{run.id}")


@post("/resources/{ref:str}/rotation", sync_to_thread=True)
def rotate(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]
) -> Template | Redirect:
    return _ask_or_say(request, context, actor, ref, Operation.ROTATE)


@post("/resources/{ref:str}/rollback", sync_to_thread=True)
def roll_back(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str], data: shell.Form
) -> Redirect:
    revision = whole(shell.text(data, "revision"), "/revision")
    return _ask(context, actor, ref, Operation.ROLLBACK, revision=revision)


@post("/resources/{ref:str}/destruction", sync_to_thread=True)
def destroy(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]
) -> Template | Redirect:
    return _ask_or_say(request, context, actor, ref, Operation.DESTROY)


@post("/resources/{ref:str}/refresh", sync_to_thread=True)
def refresh(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]
) -> Template | Redirect:
    """Compares with the cluster; it changes nothing there, so it needs no preview."""
    try:
        with context.database.write() as session:
            row = resources.named(session, actor, ref)
            run = provisioning.request(context, session, actor, for_resource(Operation.REFRESH, row))
    except FairwayError as error:
        return settings(request, context, actor, ref, error)
    return to(f"/runs/{run.id}")


def _ask_or_say(
    request: shell.ARequest, context: shell.AContext, actor: Actor, ref: str, operation: Operation
) -> Template | Redirect:
    """What speaks against it is said in the settings."""
    try:
        return _ask(context, actor, ref, operation)
    except FairwayError as error:
        return settings(request, context, actor, ref, error)


def _ask(context: shell.AContext, actor: Actor, ref: str, operation: Operation, **changes: Any) -> Redirect:
    with context.database.write() as session:
        row = resources.named(session, actor, ref)
        return to(f"/previews/{previews.ask(context, session, actor, for_resource(operation, row, **changes)).id}")


def _wish(context: shell.AContext, session: Session, actor: Actor, ref: str, form: dict[str, Any]) -> Wish:
    row = resources.named(session, actor, ref)
    offering = context.catalog.get(row.offering, row.offering_version)
    return for_resource(
        Operation.UPDATE,
        row,
        plan=shell.text(form, "plan"),
        parameters=_changeable(offering, form),
        bindings=tuple(shell.many(form, "bindings")) if offering.binds else None,
    )


def _changeable(offering: Offering, form: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.read(offering, form).items() if name not in offering.immutable}


def _form(
    request: shell.ARequest,
    context: shell.AContext,
    actor: Actor,
    ref: str,
    form: dict[str, Any] | None = None,
    error: FairwayError | None = None,
) -> Template:
    with context.database.read() as session:
        row = resources.named(session, actor, ref)
        offering = context.catalog.get(row.offering, row.offering_version)
        present = row.applied or row.desired
        parameters = dict(present.get("parameters", {}))
        chosen, plan = list(present.get("bindings", [])), str(present.get("plan", row.plan))
        if form is not None:
            plan, chosen = shell.text(form, "plan") or plan, shell.many(form, "bindings")
            parameters |= _typed(offering, form)
        return tab(
            request,
            context,
            session,
            actor,
            row,
            "change",
            error=error,
            fields=[f for f in fields.of(offering, parameters) if not f.fixed],
            unchangeable=[(f.label, parameters.get(f.name)) for f in fields.of(offering, parameters) if f.fixed],
            bindable=_bindable(context, session, actor, row) if offering.binds else [],
            chosen=chosen,
            chosen_plan=plan,
        )


def _typed(offering: Offering, form: dict[str, Any]) -> dict[str, Any]:
    try:
        return {k: v for k, v in _changeable(offering, form).items() if v is not None}
    except FairwayError:
        return {}


def _bindable(context: shell.AContext, session: Session, actor: Actor, row: Resource) -> list[tuple[str, str, str]]:
    service = services.named(session, actor, row.service_id)
    environment = environments.named(session, actor, row.environment_id)
    found = bindings.bindable(session, context.catalog, service, environment, row)
    return sorted((other.name, owner.name, environment.name) for other, owner in found)


handlers = [show_change, preview_change, change, rotate, roll_back, destroy, refresh]
