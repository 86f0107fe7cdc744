"""People: who there is, and the actor that a person is in a request."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from fairway.db.clock import now
from fairway.domain import access, audit, names, proofs
from fairway.domain.actor import Actor
from fairway.errors import Conflict, NotFound
from fairway.models import Membership, User
from fairway.models import Session as BrowserSession

ALL_SCOPES = ("read", "write", "admin")


def actor_for(session: Session, user: User, via: str, scopes: Collection[str] = ALL_SCOPES) -> Actor:
    rows = session.exec(select(Membership).where(Membership.user_id == user.id)).all()
    return Actor(
        user_id=user.id,
        name=user.name,
        admin=user.is_admin,
        roles={row.team_id: row.role for row in rows},
        scopes=frozenset(scopes),
        via=via,
    )


def add(session: Session, actor: Actor, name: str, *, full_name: str = "", admin: bool = False) -> User:
    """Without a password: they come in by a link. The caller has checked that the actor may (invitation, bootstrap)."""
    names.check(name, "/name", "person", longest=40)
    if session.exec(select(User.id).where(User.name == name)).first():
        raise Conflict(f"There is already a person named {name}", hint="Choose another name.")
    user = User(name=name, full_name=full_name.strip()[:200], is_admin=admin)
    session.add(user)
    session.flush()
    audit.record(session, actor, "person.add", ("person", user.id, user.name), diff={"admin": [None, admin]})
    return user


def named(session: Session, name: str) -> User:
    user = session.exec(select(User).where(User.name == name, col(User.disabled_at).is_(None))).first()
    if user is None:
        raise NotFound(f"There is no person named {name}")
    return user


def by_id(session: Session, user_id: str) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such person")
    return user


def everybody(session: Session, actor: Actor) -> Sequence[User]:
    access.require_scope(actor, "read", "list people")
    return session.exec(select(User).order_by(col(User.name))).all()


def set_password(session: Session, actor: Actor, password: str) -> None:
    """One's own. Other browsers of the person are signed out."""
    access.require_scope(actor, "write", "set a password")
    user = by_id(session, actor.user_id)
    user.password_hash = proofs.hash_password(password)
    session.add(user)
    audit.record(session, actor, "person.set_password", ("person", user.id, user.name))


def disable(session: Session, actor: Actor, name: str) -> None:
    """Nobody by that name gets in any more; what they did stays attributed."""
    access.require_admin(actor, "disable people")
    user = named(session, name)
    if user.id == actor.user_id:
        raise Conflict("You cannot disable yourself", hint="Another admin can.")
    user.disabled_at = now()
    session.add(user)
    for row in session.exec(select(BrowserSession).where(BrowserSession.user_id == user.id)).all():
        row.ended_at = now()
        session.add(row)
    audit.record(session, actor, "person.disable", ("person", user.id, user.name))
