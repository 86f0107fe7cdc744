"""API tokens: shown once, kept as a hash, with scopes and an end."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlmodel import Session, col, select

from fairway.db.clock import now
from fairway.domain import access, audit, people, proofs
from fairway.domain.actor import Actor
from fairway.errors import Invalid, NotFound, NotSignedIn
from fairway.models import Token, User

PREFIX = "fw_"
LONGEST_DAYS = 3650
USED_EVERY = timedelta(minutes=1)  # last_used_at is a hint, not a log: a request shall not be a write


def create(
    session: Session, actor: Actor, name: str, *, scopes: Collection[str] = ("read", "write"), days: int | None = 90
) -> tuple[Token, str]:
    """The row and the secret, which is not to be had again. days: None never expires."""
    access.require_scope(actor, "write", "make tokens")
    wrong = sorted(set(scopes) - set(people.ALL_SCOPES))
    if wrong or not scopes:
        raise Invalid.field("/scopes", f"{', '.join(wrong) or 'nothing'} is no scope; choose from read, write, admin")
    beyond = sorted(set(scopes) - actor.scopes)
    if beyond:
        raise Invalid.field("/scopes", f"This token may not give what it has not: {', '.join(beyond)}")
    if not name.strip() or len(name) > 100:
        raise Invalid.field(
            "/name", "A token needs a name of up to 100 characters that says what it is for, such as ci"
        )
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Invalid.field("/days", f"A token lasts 1 to {LONGEST_DAYS} days, such as 90")
    secret = proofs.new_secret(PREFIX)
    token = Token(
        user_id=actor.user_id,
        name=name.strip(),
        secret_hash=proofs.fingerprint(secret),
        hint=secret[:8],
        scopes=sorted(set(scopes)),
        expires_at=now() + timedelta(days=days) if days else None,
    )
    session.add(token)
    session.flush()
    audit.record(session, actor, "token.create", ("token", token.id, token.name), diff={"scopes": [None, token.scopes]})
    return token, secret


def resolve(session: Session, secret: str) -> tuple[Actor, Token]:
    """Raises NotSignedIn that tells an unknown, expired and revoked token apart: only its holder can ask."""
    row = session.exec(
        select(Token, User)
        .join(User, col(User.id) == Token.user_id)
        .where(Token.secret_hash == proofs.fingerprint(secret))
    ).first()
    if row is None:
        raise NotSignedIn("This token is not known here", hint="Make one with `fairway token create`.")
    token, user = row
    if token.revoked_at is not None:
        raise NotSignedIn(
            f"The token {token.name!r} was revoked on {token.revoked_at:%d %b %Y}", hint="Make a new one."
        )
    if token.expires_at is not None and token.expires_at < now():
        raise NotSignedIn(f"The token {token.name!r} expired on {token.expires_at:%d %b %Y}", hint="Make a new one.")
    if user.disabled_at is not None:
        raise NotSignedIn("This account is disabled", hint="Ask an admin.")
    return people.actor_for(session, user, "api", token.scopes), token


def is_due(token: Token) -> bool:
    """Whether its last use is worth a write."""
    return token.last_used_at is None or now() - token.last_used_at > USED_EVERY


def touch(session: Session, token_id: str) -> None:
    token = session.get(Token, token_id)
    if token is not None:
        token.last_used_at = now()
        session.add(token)


def mine(session: Session, actor: Actor) -> Sequence[Token]:
    access.require_scope(actor, "read", "list tokens")
    query = select(Token).where(Token.user_id == actor.user_id).order_by(col(Token.created_at).desc())
    return session.exec(query).all()


def revoke(session: Session, actor: Actor, token_id: str) -> Token:
    """One's own; an admin anybody's. Revoking twice is no error."""
    access.require_scope(actor, "write", "revoke tokens")
    token = session.get(Token, token_id)
    if token is None or (token.user_id != actor.user_id and not actor.admin):
        raise NotFound("There is no such token of yours", hint="`fairway token list` shows them.")
    if token.revoked_at is None:
        token.revoked_at = now()
        session.add(token)
        audit.record(session, actor, "token.revoke", ("token", token.id, token.name))
    return token
