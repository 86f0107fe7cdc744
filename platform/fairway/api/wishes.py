"""Bodies that say what is wanted, and the run that it becomes."""

from typing import Any

import msgspec
from litestar import Response
from sqlmodel import Session

from fairway.domain import previews, provisioning, resources, runs, wishes
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.domain.documents import RunDocument
from fairway.domain.wishes import Wish
from fairway.errors import Invalid
from fairway.models import Operation, Run


class Body(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A create names service, environment, name, offering and plan; anything else the resource, by id or name. What is
    not said stays as it is; parameters are laid over the present ones, null takes a default again."""

    operation: str = ""
    resource: str = ""
    service: str = ""
    environment: str = ""
    name: str = ""
    offering: str = ""
    plan: str = ""
    parameters: dict[str, Any] = {}
    bindings: list[str] | None = None
    revision: int | None = None


class Order(Body, kw_only=True, forbid_unknown_fields=True):
    """preview: the id of what was shown; with it nothing else need be said. confirm: the name of what is destroyed."""

    preview: str = ""
    confirm: str = ""
    reason: str = ""


def wish_of(session: Session, actor: Actor, body: Body, default: Operation | None = None) -> Wish:
    """Raises Invalid, NotFound or Conflict. default: the operation of a body that names none."""
    word = body.operation or (str(default) if default else "")
    if not word:
        raise Invalid.field("/operation", f"Say the operation: one of {', '.join(Operation)}")
    operation = wishes.parse_operation(word)
    resource_id = None
    if operation is not Operation.CREATE:
        if not (body.resource or body.name):
            raise Invalid.field("/resource", "Say which resource, by its id or its name")
        ref = body.resource or body.name
        resource_id = resources.named(session, actor, ref, body.service, body.environment).id
    elif body.resource:
        raise Invalid.field("/resource", "A create makes a new resource: say service, environment and name instead")
    return Wish(
        operation,
        service=body.service,
        environment=body.environment,
        name=body.name,
        offering=body.offering,
        plan=body.plan,
        parameters=body.parameters,
        bindings=None if body.bindings is None else tuple(body.bindings),
        resource_id=resource_id,
        revision=body.revision,
    )


def order(
    context: Context,
    session: Session,
    actor: Actor,
    body: Order,
    version: int | None,
    *,
    about: str = "",
    default: Operation | None = None,
) -> Run:
    """Queues what is wanted. about: the id of the resource that the route names."""
    preview = previews.named(session, actor, body.preview) if body.preview else None
    if preview is None:
        wish = wish_of(session, actor, body, default)
    else:
        wish = previews.wish_of(preview)
        _check_same(body, wish, about, default)
    return provisioning.request(context, session, actor, wish, preview, body.confirm, body.reason, version)


def accepted(session: Session, run: Run) -> Response[RunDocument]:
    """202: the work goes on."""
    return Response(runs.document(session, run), status_code=202, headers={"Location": f"/api/v1/runs/{run.id}"})


def _check_same(body: Order, wish: Wish, about: str, default: Operation | None) -> None:
    """What was shown is what is asked for."""
    said = body.operation or str(default or "")
    if said and said != wish.operation:
        raise Invalid.field("/operation", f"The preview is of a {wish.operation}, not of a {said}")
    if about and wish.resource_id != about:
        raise Invalid.field("/preview", "The preview is of another resource; ask for one of this")
    if body.plan or body.parameters or body.bindings is not None or body.revision is not None:
        raise Invalid.field("/preview", "The preview says what is done: send it, or plan, parameters and bindings")
