"""How to connect to a resource; its secrets masked, or in clear for those who may, which is audited."""

import json
import re
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from fairway.domain import access, audit, offerings, resources
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.domain.documents import ConnectionDocument
from fairway.errors import Conflict, Invalid
from fairway.models import Cluster, Environment, Resource, Role

MASK = "********"
HERE = "127.0.0.1"
FIELDS = ("host", "port", "username", "database", "url")


def of(
    context: Context,
    session: Session,
    actor: Actor,
    resource: Resource,
    reveal: bool = False,
    forwarded: int | None = None,
) -> ConnectionDocument:
    """reveal needs a write session: it leaves an audit row. forwarded: the port of the caller's own machine by which it
    is reached, instead of its address."""
    if forwarded is not None and not 1 <= forwarded <= 65535:
        raise Invalid.field("/forwarded", "forwarded is a port of your own machine, from 1 to 65535, such as 15432")
    team_id = resources.owner(session, resource)
    role = Role.MEMBER if reveal else Role.VIEWER
    doing = f"{'see the secrets of' if reveal else 'see'} {resource.name}"
    access.require_role(actor, team_id, role, doing)
    require_applied(resource)
    secrets = _open(context, resource)
    shown = secrets if reveal else {name: MASK for name in secrets}
    if reveal:
        target = ("resource", resource.id, resource.name)
        audit.record(session, actor, "resource.reveal", target, team_id=team_id)
    document = _document(context, resource, shown, forwarded)
    environment = session.get_one(Environment, resource.environment_id)
    document["addressing"] = session.get_one(Cluster, environment.cluster_id).addressing
    return document


def require_applied(resource: Resource) -> None:
    """Raises Conflict."""
    if resource.applied is None or resource.destroyed_at is not None:
        raise Conflict(f"{resource.name} is {resource.state}: there is nothing to connect to")


def credentials(context: Context, resource: Resource) -> dict[str, Any]:
    """In clear, for workers that hand them on."""
    return _open(context, resource)


def seal(context: Context, resource: Resource, secrets: Mapping[str, Any]) -> str | None:
    """As Resource.credentials keeps them. The same credentials stay as they are sealed: what is bound to them is not
    out of date."""
    if not secrets:
        return None
    if resource.credentials and _open(context, resource) == dict(secrets):
        return resource.credentials
    return context.vault.seal(json.dumps(dict(secrets)), f"resource:{resource.id}")


def _open(context: Context, resource: Resource) -> dict[str, Any]:
    if not resource.credentials:
        return {}
    found: dict[str, Any] = json.loads(context.vault.open(resource.credentials, f"resource:{resource.id}"))
    return found


def _document(
    context: Context, resource: Resource, secrets: dict[str, Any], forwarded: int | None
) -> ConnectionDocument:
    offering = offerings.find(context, resource.offering, resource.offering_version)
    outputs, secrets = (_moved(values, resource.outputs, forwarded) for values in (resource.outputs, secrets))
    document: Any = {name: outputs[name] for name in FIELDS if name in outputs}
    values = {name: "" for name in FIELDS} | outputs | secrets
    if offering.connection is not None:
        document["uri"] = _filled(offering.connection.uri, values)
        document["command"] = _filled(offering.connection.command, values)
        if offering.connection.secret_variable:
            document["secret_variable"] = offering.connection.secret_variable
    elif "uri" in secrets or "url" in document:
        document["uri"] = secrets.get("uri") or document["url"]
    if "password" in secrets:
        document["password"] = secrets["password"]
    found: ConnectionDocument = document
    return found


def _moved(values: dict[str, Any], outputs: dict[str, Any], forwarded: int | None) -> dict[str, Any]:
    """The same values for a client that reaches it at a port of its own machine."""
    if forwarded is None:
        return values
    there, here = f"{outputs.get('host')}:{outputs.get('port')}", f"{HERE}:{forwarded}"
    moved = {name: value.replace(there, here) if isinstance(value, str) else value for name, value in values.items()}
    ends = {"host": HERE, "port": forwarded}
    return moved | {name: end for name, end in ends.items() if name in values}


def _filled(template: str, values: dict[str, Any]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: str(values.get(match[1], "")), template)
