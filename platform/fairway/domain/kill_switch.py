"""The kill switch: while it is on, no trial kills anything, and those that run end."""

from sqlmodel import Session

from fairway.db.clock import now
from fairway.domain import access, audit
from fairway.domain.actor import Actor
from fairway.errors import Invalid, Refused
from fairway.models import KillSwitch, Role

NAME = "all"


def seen(session: Session, actor: Actor) -> KillSwitch:
    access.require_scope(actor, "read", "see the kill switch")
    return _row(session)


def halt(session: Session, actor: Actor, reason: str) -> KillSwitch:
    """Whoever may start trials anywhere may stop all of them: in an outage there is no time to look for an admin."""
    if not actor.admin and not any(role.rank >= Role.MEMBER.rank for role in actor.roles.values()):
        raise Refused("As viewer you may not halt trials", hint="Ask a member of any team, or an admin.")
    access.require_scope(actor, "write", "halt trials")
    if not reason.strip():
        raise Invalid.field("/reason", "Say why, such as: outage of checkout")
    return _set(session, actor, True, reason.strip()[:500])


def resume(session: Session, actor: Actor, reason: str = "") -> KillSwitch:
    """An admin's. Trials that were ended stay ended."""
    access.require_admin(actor, "let trials go on")
    return _set(session, actor, False, reason.strip()[:500])


def reason_to_stop(session: Session) -> str:
    """For a trial: empty while the switch is off."""
    row = session.get(KillSwitch, NAME)
    return f"kill switch: {row.reason}" if row is not None and row.halted else ""


def _row(session: Session) -> KillSwitch:
    return session.get(KillSwitch, NAME) or KillSwitch(name=NAME)


def _set(session: Session, actor: Actor, halted: bool, reason: str) -> KillSwitch:
    row = _row(session)
    if row.halted == halted:
        return row
    row.halted, row.reason, row.set_by, row.set_at = halted, reason, actor.user_id or None, now()
    session.add(row)
    verb = "kill_switch.halt" if halted else "kill_switch.resume"
    diff = {"halted": [not halted, halted]}
    audit.record(session, actor, verb, ("kill_switch", NAME, "trials"), diff=diff, comment=reason)
    return row
