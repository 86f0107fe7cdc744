"""Events: appended in the transaction of the change, tailed by sequence number, followers woken at once.

A follower that sleeps is woken by `Bell.ring` in the same process, by LISTEN/NOTIFY between processes on Postgres, and
by the clock otherwise; a wake-up may be spurious, never the row lost.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import event as sqlalchemy_event
from sqlmodel import Session, col, select

from fairway.models import Event


class Bell:
    """Wakes whoever follows events in this process. Callbacks run in the writing thread and must not block."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: list[Any] = []

    def subscribe(self, callback: Any) -> Any:
        """callback(stream); answers a function that ends the subscription."""
        with self._lock:
            self._callbacks.append(callback)

        def end() -> None:
            with self._lock:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)

        return end

    def ring(self, stream: str) -> None:
        with self._lock:
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback(stream)


BELL = Bell()


def append(
    session: Session, stream: str, kind: str, data: Mapping[str, Any], *, resource_id: str | None = None
) -> Event:
    """Add an event; the bell rings once the transaction has committed."""
    row = Event(stream=stream, kind=kind, data=dict(data), resource_id=resource_id)
    session.add(row)
    waiting = session.info.setdefault("fairway_streams", set())
    if not waiting:
        sqlalchemy_event.listen(session, "after_commit", _ring_all, once=True)
    waiting.add(stream)
    return row


def after(session: Session, stream: str, seq: int, limit: int = 500) -> Sequence[Event]:
    """The stream's events with a greater sequence number, oldest first."""
    query = select(Event).where(Event.stream == stream, col(Event.seq) > seq).order_by(col(Event.seq)).limit(limit)
    return session.exec(query).all()


def last_seq(session: Session, stream: str) -> int:
    query = select(Event.seq).where(Event.stream == stream).order_by(col(Event.seq).desc()).limit(1)
    return session.exec(query).first() or 0


def _ring_all(session: Session) -> None:
    for stream in session.info.pop("fairway_streams", ()):
        BELL.ring(stream)
