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
from fairway.errors import Conflict
from fairway.models import Resource, Role

MASK = "********"
FIELDS = ("host", "port", "username", "database", "url")


def of(
    context: Context, session: Session, actor: Actor, resource: Resource, reveal: bool = False
) -> ConnectionDocument:
    """reveal needs a write session: it leaves an audit row."""
    team_id = resources.owner(session, resource)
    role = Role.MEMBER if reveal else Role.VIEWER
    doing = f"{'see the secrets of' if reveal else 'see'} {resource.name}"
    access.require_role(actor, team_id, role, doing)
    if resource.applied is None or resource.destroyed_at is not None:
        raise Conflict(f"{resource.name} is {resource.state}: there is nothing to connect to")
    secrets = _open(context, resource)
    shown = secrets if reveal else {name: MASK for name in secrets}
    if reveal:
        target = ("resource", resource.id, resource.name)
        audit.record(session, actor, "resource.reveal", target, team_id=team_id)
    return _document(context, resource, shown)


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


def _document(context: Context, resource: Resource, secrets: dict[str, Any]) -> ConnectionDocument:
    offering = offerings.find(context, resource.offering, resource.offering_version)
    document: Any = {name: resource.outputs[name] for name in FIELDS if name in resource.outputs}
    values = {name: "" for name in FIELDS} | resource.outputs | secrets
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


def _filled(template: str, values: dict[str, Any]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: str(values.get(match[1], "")), template)
