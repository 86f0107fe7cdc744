"""The audit trail: one row for each change, in the transaction that makes it."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from fairway.domain.actor import Actor
from fairway.models import AuditEntry


def record(
    session: Session,
    actor: Actor,
    action: str,
    target: tuple[str, str, str],
    *,
    team_id: str | None = None,
    diff: Mapping[str, Any] | None = None,
    comment: str = "",
) -> None:
    """action `<noun>.<verb>`; target (kind, id, name); diff `{field: [before, after]}` without secrets."""
    kind, identity, name = target
    session.add(
        AuditEntry(
            actor_id=actor.user_id or None,
            actor_name=actor.name,
            via=actor.via,
            action=action,
            target_kind=kind,
            target_id=identity,
            target_name=name,
            team_id=team_id,
            diff=dict(diff or {}),
            comment=comment,
        )
    )


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """`{field: [before, after]}` of the fields that differ."""
    names = [*before, *(name for name in after if name not in before)]
    return {n: [before.get(n), after.get(n)] for n in names if before.get(n) != after.get(n)}
