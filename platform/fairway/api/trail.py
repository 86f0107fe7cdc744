"""The audit trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromQuery

from fairway.api import paging
from fairway.api.dependencies import AContext, AnActor
from fairway.domain import teams, trail
from fairway.models import AuditEntry


@dataclass(frozen=True)
class AuditDocument:
    """diff: `{field: [before, after]}`, secrets left out."""

    id: str
    at: datetime
    actor: str
    via: str
    action: str
    target: dict[str, str]
    diff: dict[str, Any]
    comment: str


@get("/audit", sync_to_thread=True, tags=["audit"])
def list_audit(
    context: AContext,
    actor: AnActor,
    request: Request[Any, Any, Any],
    target: FromQuery[str | None] = None,
    team: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Response[list[AuditDocument]]:
    """Newest first. target: the id of what was changed."""
    paging.check_limit(limit)
    with context.database.read() as session:
        rows = trail.entries(
            session,
            actor,
            target_id=target,
            team_id=teams.named(session, actor, team).id if team else None,
            before=paging.read_cursor(cursor),
            limit=limit + 1,
        )
    shown, link = paging.page(request, rows, limit, lambda row: row.at)
    return Response([_document(row) for row in shown], headers=link)


def _document(row: AuditEntry) -> AuditDocument:
    target = {"kind": row.target_kind, "id": row.target_id, "name": row.target_name}
    return AuditDocument(row.id, row.at, row.actor_name, row.via, row.action, target, row.diff, row.comment)
