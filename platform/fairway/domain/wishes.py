"""What somebody wants done with a resource, as they said it: names, and only what is to change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fairway.errors import Invalid
from fairway.models import Operation, Resource


@dataclass(frozen=True)
class Wish:
    """A create names service, environment, name, offering and plan; anything else a resource, by its id or by service,
    environment and name.

    plan "" and bindings None stay as they are. parameters are laid over the present ones; None takes the default
    again. bindings are names of resources of the same team and environment. revision: which one to roll back to, the
    one before the present when None.
    """

    operation: Operation
    service: str = ""
    environment: str = ""
    name: str = ""
    offering: str = ""
    plan: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    bindings: tuple[str, ...] | None = None
    resource_id: str | None = None
    revision: int | None = None


def for_resource(operation: Operation, resource: Resource, **changes: Any) -> Wish:
    """A wish about a resource that there is; changes: plan, parameters, bindings, revision."""
    return Wish(operation, name=resource.name, offering=resource.offering, resource_id=resource.id, **changes)


def as_document(wish: Wish) -> dict[str, Any]:
    """How a preview keeps it."""
    return {
        "operation": str(wish.operation),
        "service": wish.service,
        "environment": wish.environment,
        "name": wish.name,
        "offering": wish.offering,
        "plan": wish.plan,
        "parameters": dict(wish.parameters),
        "bindings": None if wish.bindings is None else list(wish.bindings),
        "resource_id": wish.resource_id,
        "revision": wish.revision,
    }


def from_document(document: Mapping[str, Any]) -> Wish:
    bindings = document.get("bindings")
    return Wish(
        operation=parse_operation(str(document.get("operation", ""))),
        service=document.get("service") or "",
        environment=document.get("environment") or "",
        name=document.get("name") or "",
        offering=document.get("offering") or "",
        plan=document.get("plan") or "",
        parameters=document.get("parameters") or {},
        bindings=None if bindings is None else tuple(bindings),
        resource_id=document.get("resource_id"),
        revision=document.get("revision"),
    )


def parse_operation(word: str) -> Operation:
    try:
        return Operation(word)
    except ValueError as error:
        known = ", ".join(Operation)
        raise Invalid.field("/operation", f"{word!r} is no operation; choose from {known}") from error
