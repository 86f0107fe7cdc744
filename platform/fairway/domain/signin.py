"""Signing in: one-time links, passwords, and the browser sessions that come of them."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select, update

from fairway.db.clock import now
from fairway.domain import access, audit, people, proofs
from fairway.domain.actor import SYSTEM, Actor
from fairway.errors import NotSignedIn
from fairway.models import Session as BrowserSession
from fairway.models import SignInLink, User

COOKIE = "fairway_session"
LINK_LASTS = timedelta(minutes=15)
SESSION_LASTS = timedelta(days=14)


@dataclass(frozen=True)
class SignedIn:
    """secret goes into the cookie and nowhere else."""

    actor: Actor
    csrf: str
    secret: str = ""


def make_link(session: Session, user: User) -> str:
    """The secret of a one-time link for this person."""
    secret = proofs.new_secret()
    session.add(SignInLink(user_id=user.id, secret_hash=proofs.fingerprint(secret), expires_at=now() + LINK_LASTS))
    audit.record(session, SYSTEM, "sign_in_link.make", ("person", user.id, user.name))
    return secret


def link_for(session: Session, actor: Actor) -> str:
    """For oneself. A browser session may do everything, so a token of fewer scopes gets none."""
    for scope in people.ALL_SCOPES:
        access.require_scope(actor, scope, "sign a browser in")
    return make_link(session, people.by_id(session, actor.user_id))


def by_link(session: Session, secret: str) -> SignedIn:
    """Uses the link up. Raises NotSignedIn for one that is unknown, used or expired."""
    link = session.exec(select(SignInLink).where(SignInLink.secret_hash == proofs.fingerprint(secret))).first()
    if link is None or link.expires_at < now():
        raise NotSignedIn("This sign-in link is not valid any more", hint="`fairway login` prints a new one.")
    spent = session.exec(
        update(SignInLink).where(col(SignInLink.id) == link.id, col(SignInLink.used_at).is_(None)).values(used_at=now())
    )
    if spent.rowcount == 0:
        raise NotSignedIn("This sign-in link has been used already", hint="`fairway login` prints a new one.")
    return _open(session, people.by_id(session, link.user_id), "session.open_by_link")


def by_password(session: Session, name: str, password: str) -> SignedIn:
    """Raises NotSignedIn, the same for an unknown name and a wrong password."""
    user = session.exec(select(User).where(User.name == name.strip().lower())).first()
    if not proofs.password_matches(user.password_hash if user else None, password) or user is None:
        raise NotSignedIn("Name and password do not match", hint="Try again, or ask for a sign-in link.")
    return _open(session, user, "session.open_by_password")


def open_for(session: Session, user: User, action: str = "session.open") -> SignedIn:
    """For somebody who has just proved who they are in another way (an invitation)."""
    return _open(session, user, action)


def resume(session: Session, secret: str) -> SignedIn | None:
    """The person behind a cookie, or None when it has ended."""
    row = session.exec(
        select(BrowserSession, User)
        .join(User, col(User.id) == BrowserSession.user_id)
        .where(
            BrowserSession.secret_hash == proofs.fingerprint(secret),
            col(BrowserSession.ended_at).is_(None),
            BrowserSession.expires_at > now(),
            col(User.disabled_at).is_(None),
        )
    ).first()
    if row is None:
        return None
    return SignedIn(people.actor_for(session, row[1], "web"), row[0].csrf)


def end(session: Session, actor: Actor, secret: str) -> None:
    row = session.exec(select(BrowserSession).where(BrowserSession.secret_hash == proofs.fingerprint(secret))).first()
    if row is not None and row.ended_at is None:
        row.ended_at = now()
        session.add(row)
        audit.record(session, actor, "session.end", ("person", actor.user_id, actor.name))


def _open(session: Session, user: User, action: str) -> SignedIn:
    if user.disabled_at is not None:
        raise NotSignedIn("This account is disabled", hint="Ask an admin.")
    secret, csrf = proofs.new_secret(), proofs.new_secret()
    session.add(
        BrowserSession(
            user_id=user.id, secret_hash=proofs.fingerprint(secret), csrf=csrf, expires_at=now() + SESSION_LASTS
        )
    )
    actor = people.actor_for(session, user, "web")
    audit.record(session, actor, action, ("person", user.id, user.name))
    return SignedIn(actor, csrf, secret)
