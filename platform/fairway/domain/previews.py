"""Previews: what an operation would do, asked for before anybody says yes.

A preview is a row first and computed in the background. A form asks for a new one at each change and says which one
that supersedes; others of the same person go on side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, cast

from sqlmodel import Session, col, select, update

from fairway.db.clock import now
from fairway.domain import access, settle, wishes
from fairway.domain.actor import Actor
from fairway.domain.commits import after_commit
from fairway.domain.context import Context
from fairway.domain.documents import ChangeDocument, FieldChangeDocument, PreviewDocument
from fairway.domain.settle import Settled
from fairway.domain.wishes import Wish
from fairway.errors import Conflict, NotFound, StalePreview
from fairway.models import Preview, PreviewState

LASTS = timedelta(minutes=30)


def ask(context: Context, session: Session, actor: Actor, wish: Wish, supersedes: str = "") -> Preview:
    """Raises at once what is wrong with the wish; the rest is told by the row. supersedes: the id of an earlier one of
    the same person, which is dropped if it is still being computed."""
    settled = settle.settle(context, session, actor, wish)
    if supersedes:
        _supersede(session, actor, supersedes)
    row = Preview(
        operation=settled.operation,
        resource_id=settled.resource.id if settled.resource else None,
        request=wishes.as_document(wish),
        digest=settled.digest,
        fields=settled.fields,
        price_before=settled.price_before,
        price_after=settled.price_after,
        lines=[asdict(line) for line in settled.lines],
        needs_approval=settled.needs_approval,
        followers=list(settled.followers),
        created_by=actor.user_id,
        expires_at=now() + LASTS,
    )
    session.add(row)
    session.flush()
    after_commit(session, lambda: context.wake_preview(row.id))
    return row


def named(session: Session, actor: Actor, identity: str) -> Preview:
    """One's own."""
    access.require_scope(actor, "read", "see previews")
    row = session.get(Preview, identity)
    if row is None or (row.created_by != actor.user_id and not actor.admin):
        raise NotFound("There is no such preview of yours", hint="Ask for a new one.")
    return row


def wish_of(row: Preview) -> Wish:
    return wishes.from_document(row.request)


def document(row: Preview) -> PreviewDocument:
    """price in cents a month; changes `[{op, type, name, urn, diff}]`; fields `[{field, before, after}]`."""
    return {
        "id": row.id,
        "operation": str(row.operation),
        "state": str(row.state),
        "request": row.request,
        "resource": row.resource_id,
        "changes": cast(list[ChangeDocument], row.changes),
        "fields": cast(list[FieldChangeDocument], row.fields),
        "price": {"before": row.price_before, "after": row.price_after, "lines": row.lines},
        "needs_approval": row.needs_approval,
        "followers": row.followers,
        "errors": row.errors,
        "created_at": row.created_at.isoformat(),
        "ready_at": row.ready_at.isoformat() if row.ready_at else None,
        "expires_at": row.expires_at.isoformat(),
    }


def use(session: Session, row: Preview, settled: Settled) -> None:
    """Marks it used, once. Raises StalePreview when what was shown is not what would be done now."""
    again = "Look at a new preview and confirm that."
    if row.state is PreviewState.COMPUTING:
        raise Conflict("The preview is not computed yet", hint="Wait until its state is ready.")
    if row.state is PreviewState.FAILED:
        raise Conflict("The preview found errors; see them, and change what is wanted", hint=again)
    if row.state is not PreviewState.READY:
        raise StalePreview(f"The preview is {row.state}", hint=again)
    if row.expires_at < now():
        raise StalePreview("The preview has expired", hint=again)
    if row.digest != settled.digest:
        raise StalePreview("Something changed since the preview was shown", hint=again)
    changed = session.exec(
        update(Preview)
        .where(col(Preview.id) == row.id, col(Preview.state) == PreviewState.READY)
        .values(state=PreviewState.USED)
    )
    if changed.rowcount == 0:
        raise StalePreview("The preview is used", hint=again)


def waiting(session: Session) -> Sequence[Preview]:
    """Those to be computed, oldest first; superseded ones are not among them."""
    query = select(Preview).where(Preview.state == PreviewState.COMPUTING).order_by(col(Preview.created_at))
    return session.exec(query).all()


def settle_result(
    session: Session,
    identity: str,
    *,
    changes: Sequence[Mapping[str, Any]] = (),
    errors: Sequence[Mapping[str, Any]] = (),
) -> bool:
    """Writes what came out, unless a newer one has superseded it; errors make it failed."""
    changed = session.exec(
        update(Preview)
        .where(col(Preview.id) == identity, col(Preview.state) == PreviewState.COMPUTING)
        .values(
            state=PreviewState.FAILED if errors else PreviewState.READY,
            changes=[dict(c) for c in changes],
            errors=[dict(e) for e in errors],
            ready_at=now(),
            expires_at=now() + LASTS,
        )
    )
    return bool(changed.rowcount)


def _supersede(session: Session, actor: Actor, identity: str) -> None:
    session.exec(
        update(Preview)
        .where(
            col(Preview.id) == identity,
            col(Preview.created_by) == actor.user_id,
            col(Preview.state) == PreviewState.COMPUTING,
        )
        .values(state=PreviewState.SUPERSEDED)
    )
