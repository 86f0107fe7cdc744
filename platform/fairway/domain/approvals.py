"""Approvals: another person says yes or no to a run."""

from sqlmodel import Session, col, select, update

from fairway.db.clock import now
from fairway.domain import access, audit, progress, resources
from fairway.domain.actor import Actor
from fairway.domain.commits import after_commit
from fairway.domain.context import Context
from fairway.errors import Conflict, Invalid, Refused
from fairway.models import Membership, Resource, Role, Run, RunState, User

LONGEST_COMMENT = 1000


def decide(context: Context, session: Session, actor: Actor, run: Run, approve: bool, comment: str = "") -> Run:
    """By an owner of the team or an admin who did not ask for it; oneself only where nobody else could."""
    resource = session.get_one(Resource, run.resource_id)
    team_id = resources.owner(session, resource)
    word = "approve" if approve else "reject"
    access.require_role(actor, team_id, Role.OWNER, f"{word} runs of {resource.name}")
    if len(comment) > LONGEST_COMMENT:
        raise Invalid.field("/comment", f"The comment has {len(comment)} characters; {LONGEST_COMMENT} is the most")
    if approve and run.requested_by == actor.user_id and _others(session, team_id, actor.user_id):
        raise Refused("Another person must approve what you asked for", hint="Ask an owner of the team or an admin.")
    decided = session.exec(
        update(Run)
        .where(
            col(Run.id) == run.id,
            col(Run.needs_approval),
            col(Run.decision).is_(None),
            col(Run.state) == RunState.AWAITING_APPROVAL,
        )
        .values(
            decision="approved" if approve else "rejected",
            decided_by=actor.user_id or None,
            decided_at=now(),
            decision_comment=comment.strip(),
        )
    )
    session.refresh(run)
    if decided.rowcount == 0:
        raise Conflict(f"The run is not waiting for approval: it is {run.state}")
    target = ("run", run.id, resource.name)
    audit.record(session, actor, f"run.{word}", target, team_id=team_id, comment=comment.strip())
    if not approve:
        progress.cancel(context, session, run, resource)
    after_commit(session, lambda: context.wake_run(run.id))
    return run


def _others(session: Session, team_id: str, user_id: str) -> bool:
    """Whether anybody else could decide."""
    owners = select(Membership.user_id).where(Membership.team_id == team_id, Membership.role == Role.OWNER)
    query = select(User.id).where(
        User.id != user_id, col(User.disabled_at).is_(None), col(User.is_admin) | col(User.id).in_(owners)
    )
    return session.exec(query).first() is not None
