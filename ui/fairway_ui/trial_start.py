"""The Chaos tab of a resource: the form of a trial, its preview with the real victims, and its start."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from sqlmodel import Session

from fairway.domain import access, bindings, environments, experiments, resources, trial_rules, trials
from fairway.domain.actor import Actor
from fairway.domain.trial_documents import TrialPreviewDocument
from fairway.errors import Conflict, FairwayError
from fairway.models import Resource, Role
from fairway_ui import chaos, shell, trial_form
from fairway_ui.redirects import to
from fairway_ui.resources import tab


@get("/resources/{ref:str}/chaos", sync_to_thread=True)
def show_form(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    ref: FromPath[str],
    experiment: FromQuery[str] = "",
    trial: FromQuery[str] = "",
) -> Template:
    """experiment or trial: whose definition the form begins with."""
    return _form(request, context, actor, ref, {"experiment": experiment, "trial": trial}, fresh=True)


@post("/resources/{ref:str}/chaos/preview", status_code=200, sync_to_thread=True)
def preview(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str], data: shell.Form
) -> Template:
    """Asked of the cluster now, on each change of the form."""
    values = _looked(context, actor, ref, data)
    return shell.fragment(request, "chaos/_preview.html", given=data, **values)


@post("/resources/{ref:str}/chaos", sync_to_thread=True)
def start(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str], data: shell.Form
) -> Template | Redirect:
    """Starts what was shown; without a preview of just that, shows one first."""
    shown = shell.text(data, "shown")
    if not shown or shell.text(data, "look"):
        return _form(request, context, actor, ref, data, look=True)
    try:
        spec = _spec(context, actor, ref, data)
        if _digest(spec) != shown:
            raise Conflict("The form was changed after the preview", hint="Look at the new preview, and start again.")
        with context.database.write() as session:
            trial = trials.request(context, session, actor, _as_kept(session, actor, spec, data))
    except FairwayError as error:
        return _form(request, context, actor, ref, data, error, look=True)
    return to(f"/trials/{trial.id}")


def _form(
    request: shell.ARequest,
    context: shell.AContext,
    actor: Actor,
    ref: str,
    given: Mapping[str, Any],
    error: FairwayError | None = None,
    *,
    fresh: bool = False,
    look: bool = False,
) -> Template:
    nothing: dict[str, Any] = {"preview": None, "problem": None, "shown": ""}
    looked = _looked(context, actor, ref, given) if look else nothing
    if looked["problem"] is not None and looked["problem"].fields:
        error = looked["problem"]
    with context.database.read() as session:
        row = resources.named(session, actor, ref)
        fields = dict(trial_form.DEFAULTS)
        if fresh:
            fields |= trial_form.written(_like(session, actor, row, given))
        return tab(
            request,
            context,
            session,
            actor,
            row,
            "chaos",
            error=error,
            given=fields | {"experiment": "", "trial": ""} | dict(given),
            modes=trial_form.MODES,
            methods=trial_form.METHODS,
            orders=trial_form.ORDERS,
            allowed=environments.named(session, actor, row.environment_id).chaos,
            experiments=experiments.visible(session, actor, row),
            trials=trials.documents(session, trials.visible(session, actor, resource=row, limit=20)),
            **chaos.switch(session, actor),
            **(_around(session, actor, row) | looked),
        )


def _looked(context: shell.AContext, actor: Actor, ref: str, form: Mapping[str, Any]) -> dict[str, Any]:
    """What the panel shows: the preview or the problem, and the digest of what it is a preview of."""
    found: TrialPreviewDocument | None = None
    problem: FairwayError | None = None
    shown = ""
    try:
        if shell.text(form, "redraw"):
            form = {**form, "drawn": "", "action-seed": ""}
        spec = _spec(context, actor, ref, form)
        found = trials.preview(context, actor, spec)
        spec["action"]["seed"] = found["seed"]
        shown = _digest(spec)
    except FairwayError as error:
        problem = error
    with context.database.read() as session:
        around = _around(session, actor, resources.named(session, actor, ref))
    return {"preview": found, "problem": problem, "shown": shown, **around}


def _around(session: Session, actor: Actor, row: Resource) -> dict[str, Any]:
    return {
        "action": f"/resources/{row.id}/chaos",
        "used_by": [use["name"] for use in bindings.document(session, row)["used_by"]],
        "may_outage": access.may(actor, resources.owner(session, row), Role.OWNER),
    }


def _spec(context: shell.AContext, actor: Actor, ref: str, form: Mapping[str, Any]) -> dict[str, Any]:
    with context.database.read() as session:
        row = resources.named(session, actor, ref)
        return trial_form.read(form, row.id, _like(session, actor, row, form))


def _like(session: Session, actor: Actor, row: Resource, form: Mapping[str, Any]) -> dict[str, Any]:
    """The definition that the form began with; another resource's is none for this one."""
    experiment, trial = shell.text(form, "experiment"), shell.text(form, "trial")
    if experiment:
        kept = experiments.named(session, actor, experiment)
        return kept.definition if kept.resource_id == row.id else {}
    if trial:
        earlier = trials.named(session, actor, trial)
        return earlier.definition if earlier.resource_id == row.id else {}
    return {}


def _as_kept(session: Session, actor: Actor, spec: dict[str, Any], form: Mapping[str, Any]) -> dict[str, Any]:
    """By the experiment's id while the form says what the experiment says, so that the trial counts as its own."""
    if not shell.text(form, "experiment"):
        return spec
    kept = experiments.named(session, actor, shell.text(form, "experiment"))
    if _core(trial_rules.read(spec).document()) != _core(kept.definition):
        return spec
    said: dict[str, Any] = {name: spec[name] for name in ("allow_outage", "confirm") if name in spec}
    return {"experiment": kept.id, "seed": spec["action"]["seed"], **said}


def _core(definition: Mapping[str, Any]) -> dict[str, Any]:
    action = {name: value for name, value in definition["action"].items() if name != "seed"}
    return {**{name: value for name, value in definition.items() if name != "allow_outage"}, "action": action}


def _digest(spec: Mapping[str, Any]) -> str:
    """Of what would be done; the typed confirmation is no part of it."""
    what = {name: value for name, value in spec.items() if name != "confirm"}
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:32]


handlers = [show_form, preview, start]
