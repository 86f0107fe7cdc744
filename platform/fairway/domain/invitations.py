"""Inviting another person by a link: no mail server is needed."""

from datetime import timedelta

from sqlmodel import Session, col, select, update

from fairway.db.clock import now
from fairway.domain import access, audit, people, proofs
from fairway.domain.actor import Actor
from fairway.errors import Conflict, NotFound
from fairway.models import Invitation, Membership, Role, Team, User

LASTS = timedelta(days=7)


def make(session: Session, actor: Actor, team: Team, role: Role) -> tuple[Invitation, str]:
    """The row and the link's secret, which is shown once."""
    access.require_role(actor, team.id, Role.OWNER, f"invite people into team {team.name}")
    secret = proofs.new_secret()
    row = Invitation(
        team_id=team.id,
        role=role,
        secret_hash=proofs.fingerprint(secret),
        invited_by=actor.user_id,
        expires_at=now() + LASTS,
    )
    session.add(row)
    session.flush()
    audit.record(
        session, actor, "team.invite", ("invitation", row.id, team.name), team_id=team.id, diff={"role": [None, role]}
    )
    return row, secret


def open_one(session: Session, secret: str) -> tuple[Invitation, Team]:
    """What a link offers. Raises NotFound when it is unknown, expired or used."""
    row = session.exec(select(Invitation).where(Invitation.secret_hash == proofs.fingerprint(secret))).first()
    if row is None or row.expires_at < now() or row.accepted_at is not None or row.team_id is None:
        raise NotFound("This invitation is not valid any more", hint="Ask for a new link.")
    team = session.get(Team, row.team_id)
    if team is None:
        raise NotFound("The team of this invitation is gone")
    return row, team


def accept_new(session: Session, secret: str, name: str, password: str, *, full_name: str = "") -> User:
    """Somebody new joins: makes the person, with a password to come back with."""
    row, team = open_one(session, secret)
    inviter = people.actor_for(session, people.by_id(session, row.invited_by), "web")
    hashed = proofs.hash_password(password)
    user = people.add(session, inviter, name.strip().lower(), full_name=full_name)
    user.password_hash = hashed
    session.add(user)
    _join(session, row, team, user)
    return user


def accept(session: Session, actor: Actor, secret: str) -> User:
    """Somebody who has an account already joins."""
    row, team = open_one(session, secret)
    user = people.by_id(session, actor.user_id)
    _join(session, row, team, user)
    return user


def _join(session: Session, row: Invitation, team: Team, user: User) -> None:
    spent = session.exec(
        update(Invitation)
        .where(col(Invitation.id) == row.id, col(Invitation.accepted_at).is_(None))
        .values(accepted_at=now(), accepted_by=user.id)
    )
    if spent.rowcount == 0:
        raise Conflict("This invitation has been used already", hint="Ask for a new link.")
    query = select(Membership).where(Membership.team_id == team.id, Membership.user_id == user.id)
    member = session.exec(query).first()
    if member is None:
        session.add(Membership(team_id=team.id, user_id=user.id, role=Role(row.role)))
    actor = people.actor_for(session, user, "web")
    audit.record(
        session, actor, "team.join", ("person", user.id, user.name), team_id=team.id, diff={"role": [None, row.role]}
    )
