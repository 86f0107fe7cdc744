"""Resources: seeing them, and their stable document."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, or_, select, update

from fairway.db.clock import now
from fairway.domain import access, audit, environments, services, teams
from fairway.domain.actor import Actor
from fairway.domain.documents import ResourceDocument
from fairway.errors import Conflict, Edited, Invalid, NotFound
from fairway.models import Environment, Resource, ResourceState, Role, Service, Team

UNKNOWN_HEALTH: dict[str, Any] = {"status": "unknown", "reasons": []}


def visible(
    session: Session,
    actor: Actor,
    *,
    service: str = "",
    environment: str = "",
    offering: str = "",
    state: str = "",
    team: str = "",
    destroyed: bool = False,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Sequence[Resource]:
    """Of the actor's teams (an admin's are all), newest first; those destroyed only when asked. before: the
    (created_at, id) to go on after."""
    access.require_scope(actor, "read", "list resources")
    query = select(Resource).order_by(col(Resource.created_at).desc(), col(Resource.id).desc()).limit(limit)
    if team or not actor.admin:
        mine = [teams.named(session, actor, team).id] if team else list(actor.teams)
        query = query.where(col(Resource.service_id).in_(select(Service.id).where(col(Service.team_id).in_(mine))))
    if service:
        query = query.where(Resource.service_id == services.named(session, actor, service).id)
    if environment:
        query = query.where(Resource.environment_id == environments.named(session, actor, environment).id)
    if offering:
        query = query.where(Resource.offering == offering)
    if state:
        query = query.where(Resource.state == parse_state(state))
    elif not destroyed:
        query = query.where(col(Resource.destroyed_at).is_(None))
    if before:
        at, identity = before
        at_column, id_column = col(Resource.created_at), col(Resource.id)
        query = query.where(or_(at_column < at, (at_column == at) & (id_column < identity)))
    return session.exec(query).all()


def named(session: Session, actor: Actor, ref: str, service: str = "", environment: str = "") -> Resource:
    """By id, by short id, or by name (of a living one), which service and environment tell from its namesakes."""
    access.require_scope(actor, "read", "see resources")
    row = session.get(Resource, ref)
    if row is not None and _is_visible(session, actor, row):
        return row
    found = [r for r in _candidates(session, actor, ref, service, environment) if _is_visible(session, actor, r)]
    if not found:
        where = f" of {service}" if service else ""
        where += f" in {environment}" if environment else ""
        raise NotFound(f"There is no resource {ref}{where} of yours", hint="`fairway list` shows them.")
    if len(found) > 1:
        raise Conflict(f"There are {len(found)} resources named {ref}", hint="Say the service and the environment.")
    return found[0]


def owner(session: Session, resource: Resource) -> str:
    """The id of the team that owns it."""
    return session.get_one(Service, resource.service_id).team_id


def set_protected(
    session: Session, actor: Actor, resource: Resource, protected: bool, version: int | None = None
) -> Resource:
    """A member protects; lifting it is an owner's."""
    role = Role.MEMBER if protected else Role.OWNER
    team_id = owner(session, resource)
    doing = f"protect {resource.name}" if protected else f"lift the protection of {resource.name}"
    access.require_role(actor, team_id, role, doing)
    check_version(resource, version)
    if resource.protected != protected:
        session.exec(
            update(Resource)
            .where(col(Resource.id) == resource.id)
            .values(protected=protected, version=Resource.version + 1, updated_at=now())
        )
        session.refresh(resource)
        diff = {"protected": [not protected, protected]}
        target = ("resource", resource.id, resource.name)
        audit.record(session, actor, "resource.protect", target, team_id=team_id, diff=diff)
    return resource


def check_version(resource: Resource, version: int | None) -> None:
    if version is not None and version != resource.version:
        raise Edited(f"{resource.name} was changed in the meantime", hint="Load it again and repeat your change.")


def documents(session: Session, rows: Sequence[Resource]) -> list[ResourceDocument]:
    """The document that CLI, REST and pages share. price in cents a month; plan, parameters and bindings are what is
    applied, until something is what is wanted; `desired` is there while it differs from that."""
    service_ids, environment_ids = {r.service_id for r in rows}, {r.environment_id for r in rows}
    owners = {
        s.id: (s.name, t)
        for s, t in session.exec(
            select(Service, Team.name)
            .join(Team, col(Team.id) == Service.team_id)
            .where(col(Service.id).in_(service_ids))
        ).all()
    }
    places = {
        e.id: e.name for e in session.exec(select(Environment).where(col(Environment.id).in_(environment_ids))).all()
    }
    return [_document(row, *owners[row.service_id], places[row.environment_id]) for row in rows]


def document(session: Session, row: Resource) -> ResourceDocument:
    return documents(session, [row])[0]


def parse_state(word: str) -> ResourceState:
    try:
        return ResourceState(word)
    except ValueError as error:
        raise Invalid.field("/state", f"{word!r} is no state; choose from {', '.join(ResourceState)}") from error


def _is_visible(session: Session, actor: Actor, row: Resource) -> bool:
    return actor.admin or actor.role_in(owner(session, row)) is not None


def _candidates(session: Session, actor: Actor, ref: str, service: str, environment: str) -> Sequence[Resource]:
    by_name = select(Resource).where(Resource.name == ref, col(Resource.destroyed_at).is_(None))
    if service:
        by_name = by_name.where(Resource.service_id == services.named(session, actor, service).id)
    if environment:
        by_name = by_name.where(Resource.environment_id == environments.named(session, actor, environment).id)
    found = session.exec(by_name).all()
    if found or len(ref) != 8:
        return found
    return session.exec(select(Resource).where(col(Resource.id).like(f"%{ref}"))).all() if ref.isalnum() else []


def _document(row: Resource, service: str, team: str, environment: str) -> ResourceDocument:
    shown = row.applied or row.desired
    document: ResourceDocument = {
        "id": row.id,
        "name": row.name,
        "service": service,
        "environment": environment,
        "team": team,
        "offering": row.offering,
        "offering_version": row.offering_version,
        "plan": shown.get("plan", row.plan),
        "state": str(row.state),
        "health": row.health or UNKNOWN_HEALTH,
        "health_at": row.health_at.isoformat() if row.health_at else None,
        "parameters": shown.get("parameters", {}),
        "outputs": row.outputs,
        "bindings": shown.get("bindings", []),
        "price": row.price_monthly,
        "protected": row.protected,
        "namespace": row.namespace,
        "stack": row.stack,
        "active_run": row.active_run_id,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "destroyed_at": row.destroyed_at.isoformat() if row.destroyed_at else None,
        "version": row.version,
    }
    if row.applied is not None and row.desired != row.applied and row.destroyed_at is None:
        document["desired"] = row.desired
    return document
