"""Service level objectives: setting, removing and finding them. How one stands is in `standings`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, or_, select

from fairway.db.clock import now
from fairway.domain import access, audit, environments, resources, services
from fairway.domain.actor import Actor
from fairway.domain.trial_documents import CostDocument
from fairway.domain.trial_rules import resources_of
from fairway.errors import Conflict, Edited, FieldError, Invalid, NotFound
from fairway.health.objectives import Objective
from fairway.models import Resource, Role, Slo

WINDOW_DAYS = 28
"""Four weeks have as many weekends whenever they begin."""
LONGEST_DAYS = 90
"""History goes back no further."""


def put(
    session: Session,
    actor: Actor,
    resource: Resource,
    objective: float,
    window_days: int = WINDOW_DAYS,
    version: int | None = None,
) -> Slo:
    """objective: percent. Raises Invalid with every wrong field."""
    _may_change(session, actor, resource, "set")
    _check(objective, window_days)
    held = _held(session, resource)
    _check_version(resource, held, version)
    row = held or Slo(resource_id=resource.id, objective=objective, window_days=window_days, version=0)
    wanted = {"objective": objective, "window_days": window_days}
    diff = audit.changes(_fields(held) if held else {}, wanted)
    if diff:
        row.objective, row.window_days, row.version = objective, window_days, row.version + 1
        row.set_by, row.set_at = actor.user_id or None, now()
        session.add(row)
        session.flush()
        _record(session, actor, "slo.set", resource, diff)
    return row


def remove(session: Session, actor: Actor, resource: Resource, version: int | None = None) -> None:
    """What was measured stays, and counts again for the next one."""
    _may_change(session, actor, resource, "remove")
    row = _held(session, resource)
    _check_version(resource, row, version)
    if row is None:
        raise _none(resource)
    _record(session, actor, "slo.remove", resource, audit.changes(_fields(row), {}))
    session.delete(row)


def of(session: Session, actor: Actor, resource: Resource) -> Slo:
    """Also of one that is destroyed. Raises NotFound where there is none."""
    access.require_role(actor, resources.owner(session, resource), Role.VIEWER, f"see the SLO of {resource.name}")
    row = session.exec(select(Slo).where(Slo.resource_id == resource.id)).first()
    if row is None:
        raise _none(resource)
    return row


def visible(
    session: Session,
    actor: Actor,
    *,
    service: str = "",
    environment: str = "",
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Sequence[Slo]:
    """Of the living resources of the actor's teams, newest first. before: the (created_at, id) to go on after."""
    access.require_scope(actor, "read", "list SLOs")
    query = select(Slo).join(Resource, col(Resource.id) == Slo.resource_id).where(col(Resource.destroyed_at).is_(None))
    query = query.order_by(col(Slo.created_at).desc(), col(Slo.id).desc()).limit(limit)
    if not actor.admin:
        query = query.where(col(Slo.resource_id).in_(resources_of(actor)))
    if service:
        query = query.where(Resource.service_id == services.named(session, actor, service).id)
    if environment:
        query = query.where(Resource.environment_id == environments.named(session, actor, environment).id)
    if before:
        at, identity = before
        at_column = col(Slo.created_at)
        query = query.where(or_(at_column < at, (at_column == at) & (col(Slo.id) < identity)))
    return session.exec(query).all()


def cost(session: Session, resource_id: str, availability: Mapping[str, Any] | None) -> CostDocument | None:
    """Of a trial with such an availability, by its probes; None without an objective, or when nothing was measured."""
    row = session.exec(select(Slo).where(Slo.resource_id == resource_id)).first()
    if row is None or availability is None:
        return None
    bad = availability["scheduled"] - availability["ok"] - availability["not_sent"]
    spent, budget = bad * availability["cadence"], Objective(row.ratio, row.window).budget
    return {
        "objective": row.objective,
        "window_days": row.window_days,
        "seconds": round(budget, 1),
        "spent": round(spent, 1),
        "ratio": round(spent / budget, 4),
    }


def _may_change(session: Session, actor: Actor, resource: Resource, verb: str) -> None:
    access.require_role(actor, resources.owner(session, resource), Role.MEMBER, f"{verb} the SLO of {resource.name}")
    if resource.destroyed_at is not None:
        raise Conflict(f"{resource.name} is destroyed: its SLO is a part of its history")


def _held(session: Session, resource: Resource) -> Slo | None:
    """Nobody else sets or removes it until the transaction's end."""
    session.exec(select(Resource.id).where(Resource.id == resource.id).with_for_update()).one()
    return session.exec(select(Slo).where(Slo.resource_id == resource.id)).first()


def _check(objective: float, window_days: int) -> None:
    wrong = []
    if not (50 < objective < 100):
        said = f"{objective:g} is no objective: it is a percentage above 50 and below 100, such as 99.9"
        wrong.append(FieldError("/objective", said))
    elif round(objective, 3) != objective:
        wrong.append(FieldError("/objective", f"{objective!r} has more than three decimals; write one such as 99.995"))
    if not 1 <= window_days <= LONGEST_DAYS:
        said = f"{window_days} is no window: it is a number of days from 1 to {LONGEST_DAYS}, such as {WINDOW_DAYS}"
        wrong.append(FieldError("/window_days", said))
    if wrong:
        raise Invalid("; ".join(field.detail for field in wrong), fields=wrong)


def _check_version(resource: Resource, row: Slo | None, version: int | None) -> None:
    if version is not None and version != (row.version if row else 0):
        raise Edited(f"The SLO of {resource.name} was changed in the meantime", hint="Load it again and repeat.")


def _fields(row: Slo) -> dict[str, float]:
    return {"objective": row.objective, "window_days": row.window_days}


def _none(resource: Resource) -> NotFound:
    hint = f"`fairway slo set {resource.name} --objective 99.9` sets one."
    return NotFound(f"{resource.name} has no SLO", hint=hint)


def _record(session: Session, actor: Actor, action: str, resource: Resource, diff: dict[str, list[object]]) -> None:
    target = ("resource", resource.id, resource.name)
    audit.record(session, actor, action, target, team_id=resources.owner(session, resource), diff=diff)
