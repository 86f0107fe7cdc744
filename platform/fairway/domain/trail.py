"""Reading the audit trail."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, or_, select

from fairway.domain import access
from fairway.domain.actor import Actor
from fairway.models import AuditEntry


def entries(
    session: Session,
    actor: Actor,
    *,
    target_id: str | None = None,
    team_id: str | None = None,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Sequence[AuditEntry]:
    """Newest first; an admin sees all, others what they did and what was done in their teams. before: (at, id)."""
    access.require_scope(actor, "read", "read the audit trail")
    query = select(AuditEntry).order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc()).limit(limit)
    if not actor.admin:
        query = query.where(or_(col(AuditEntry.team_id).in_(actor.teams), col(AuditEntry.actor_id) == actor.user_id))
    if target_id:
        query = query.where(AuditEntry.target_id == target_id)
    if team_id:
        query = query.where(AuditEntry.team_id == team_id)
    if before:
        at, identity = before
        query = query.where(or_(col(AuditEntry.at) < at, (col(AuditEntry.at) == at) & (col(AuditEntry.id) < identity)))
    return session.exec(query).all()
