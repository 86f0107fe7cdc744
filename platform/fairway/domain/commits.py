"""Doing something once the transaction has committed: waking a worker must not come before there is work to see."""

from collections.abc import Callable

from sqlalchemy import event
from sqlmodel import Session


def after_commit(session: Session, call: Callable[[], None]) -> None:
    """Calls it after this transaction's commit, in order; not at all when it is rolled back."""
    waiting: list[Callable[[], None]] = session.info.setdefault("fairway_after_commit", [])
    if not waiting:
        event.listen(session, "after_commit", _call_all, once=True)
    waiting.append(call)


def _call_all(session: Session) -> None:
    for call in session.info.pop("fairway_after_commit", ()):
        call()
