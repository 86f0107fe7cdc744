"""How many forwarded connections a person has open at once, and which of them the audit knows."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from fairway.db.clock import now
from fairway.domain.actor import Actor
from fairway.errors import QuotaExceeded

MOST = 32
SITTING = timedelta(hours=1)


class Tunnels:
    """Those that are open in this process, by person. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: Counter[str] = Counter()
        self._told: dict[tuple[str, str], datetime] = {}

    def count(self, actor: Actor) -> int:
        with self._lock:
            return self._open[actor.user_id]

    @contextmanager
    def one(self, actor: Actor) -> Iterator[None]:
        """One more, while the block lasts. Raises QuotaExceeded."""
        with self._lock:
            if self._open[actor.user_id] >= MOST:
                raise QuotaExceeded(f"You have {MOST} forwarded connections open", hint="Close some of them first.")
            self._open[actor.user_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[actor.user_id] -= 1
                self._open += Counter()  # forgets those who have none

    def is_told(self, actor: Actor, resource_id: str) -> bool:
        """Whether the audit has it of the last hour: a pool of connections is one sitting."""
        with self._lock:
            return self._told.get((actor.user_id, resource_id), datetime.min.replace(tzinfo=UTC)) > now() - SITTING

    def tell(self, actor: Actor, resource_id: str) -> None:
        with self._lock:
            self._told = {who: at for who, at in self._told.items() if at > now() - SITTING}
            self._told[actor.user_id, resource_id] = now()
