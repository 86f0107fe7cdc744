"""The audit trail: who changed what, newest first."""

from datetime import datetime
from urllib.parse import urlencode

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template

from fairway.domain import teams, trail
from fairway.errors import Invalid
from fairway_ui import shell

PAGE = 50


@get("/audit", sync_to_thread=True)
def list_audit(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    team: FromQuery[str] = "",
    target: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Template:
    with context.database.read() as session:
        rows = trail.entries(
            session,
            actor,
            team_id=teams.named(session, actor, team).id if team else None,
            target_id=target or None,
            before=_place(before),
            limit=PAGE + 1,
        )
        shown = rows[:PAGE]
        older = ""
        if len(rows) > PAGE:
            older = urlencode({"team": team, "target": target, "before": f"{shown[-1].at.isoformat()}~{shown[-1].id}"})
        return shell.page(
            request,
            session,
            "audit.html",
            here="Audit",
            rows=shown,
            older=older,
            team=team,
            target=target,
            teams=teams.visible(session, actor),
            first=not before,
        )


def _place(before: str) -> tuple[datetime, str] | None:
    """`<time>~<id>`: the row that the page starts after."""
    if not before:
        return None
    at, _, identity = before.partition("~")
    try:
        return datetime.fromisoformat(at), identity
    except ValueError as error:
        raise Invalid.field("/before", "There is no such page; start with the newest entries") from error


handlers = [list_audit]
