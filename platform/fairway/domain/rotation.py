"""Another password for a resource.

It is made with the request of the run, beside the present one, and is the resource's own from the moment at which the
run begins to apply: whatever run comes then, a retry or another change, goes on to it. The one before is kept until a
run has succeeded. What people and deployments are told changes when the step begins that brings it to the server.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, update

from fairway.domain import connections, seeds
from fairway.domain.context import Context
from fairway.domain.wishes import Wish
from fairway.errors import FieldError, Invalid
from fairway.models import Operation, Resource, Run

FIELD = {"field": "password", "before": connections.MASK, "after": "a new one"}
HARMLESS_OPS = frozenset({"create", "create-replacement", "replace"})
HARMLESS_TYPES = frozenset({"kubernetes:core/v1:Secret", "kubernetes:core/v1:ConfigMap"})


def check(context: Context, resource: Resource, wish: Wish) -> None:
    """Raises Invalid for what has no password of Fairway's making, and for a wish that changes anything else."""
    given = {
        "plan": wish.plan,
        "parameters": wish.parameters,
        "bindings": wish.bindings,
        "revision": wish.revision is not None,
    }
    sentence = "A rotation changes the password alone: leave this away"
    errors = [FieldError(f"/{name}", sentence) for name, value in given.items() if value]
    if not is_possible(context, resource):
        detail = f"A {resource.offering} has no password that Fairway made: there is nothing to rotate"
        errors = [FieldError("/operation", f"{detail}{_way_out(resource)}")]
    if errors:
        raise Invalid(errors[0].detail, fields=errors)


def is_possible(context: Context, resource: Resource) -> bool:
    """Whether the password that Fairway made is among what the resource hands out."""
    return any(_hands_out(context, resource, sealed) for sealed in (resource.seeds, resource.previous_seeds) if sealed)


def is_unfinished(resource: Resource) -> bool:
    """A run began to bring another password, and none has succeeded since."""
    return resource.previous_seeds is not None


def prepare(context: Context, session: Session, resource: Resource) -> None:
    """Keeps the password that the run will bring, unless there is one that an earlier run was to bring."""
    if not is_unfinished(resource) and resource.next_seeds is None:
        _write(session, resource, next_seeds=seeds.make(context, resource.id))


def wanted(resource: Resource, operation: Operation) -> str | None:
    """The sealed seeds that a run of this operation applies."""
    return (resource.next_seeds if operation is Operation.ROTATE else None) or resource.seeds


def begin(session: Session, run: Run, resource: Resource) -> None:
    """In the transaction in which the run begins to apply."""
    if run.operation is Operation.ROTATE and resource.next_seeds is not None:
        _write(session, resource, previous_seeds=resource.seeds, seeds=resource.next_seeds, next_seeds=None)


def reaches_server(step: Mapping[str, Any]) -> bool:
    """Whether a step that begins may bring the password to the server: anything but the making of a Secret beside the
    one in use."""
    return not (step["op"] in HARMLESS_OPS and step["type"] in HARMLESS_TYPES)


def turn(context: Context, session: Session, resource: Resource) -> None:
    """The new password is the one that is told from now on."""
    if not is_unfinished(resource) or _is_turned(context, resource):
        return
    old = _password(context, resource, resource.previous_seeds)
    new = _password(context, resource, resource.seeds)
    told = connections.credentials(context, resource)
    turned = {name: value.replace(old, new) if isinstance(value, str) else value for name, value in told.items()}
    _write(session, resource, credentials=connections.seal(context, resource, turned))


def finish(session: Session, resource: Resource) -> bool:
    """A run has succeeded: the password before is forgotten. False when there was no other one."""
    if not is_unfinished(resource):
        return False
    _write(session, resource, previous_seeds=None)
    return True


def outlook(context: Context, run: Run, resource: Resource) -> str:
    """Of a run that does not succeed: which password is valid, and what comes. Empty where no other was on its way."""
    if run.operation is Operation.DESTROY or not is_unfinished(resource):
        untouched = "The server was not touched: the old password stays valid."
        return untouched if run.operation is Operation.ROTATE else ""
    after = "The next run of it, such as a retry, goes on with the same new password."
    if _is_turned(context, resource):
        return (
            "The server takes the new password as soon as it runs, and that is the one that is revealed;"
            f" bound deployments have the old one until a run has succeeded. {after}"
        )
    return f"The server still takes the old password, and that is the one that is revealed. {after}"


def _is_turned(context: Context, resource: Resource) -> bool:
    return _hands_out(context, resource, resource.seeds)


def _hands_out(context: Context, resource: Resource, sealed: str | None) -> bool:
    """Whether this password is among the credentials that are told."""
    return _password(context, resource, sealed) in json.dumps(connections.credentials(context, resource))


def _password(context: Context, resource: Resource, sealed: str | None) -> str:
    return str(seeds.opened(context, resource.id, sealed)["password"])


def _way_out(resource: Resource) -> str:
    bound = (resource.applied or {}).get("bindings")
    return f"; rotate what it is bound to: {', '.join(bound)}" if bound else ""


def _write(session: Session, resource: Resource, **values: Any) -> None:
    session.exec(update(Resource).where(col(Resource.id) == resource.id).values(**values))
    session.refresh(resource)
