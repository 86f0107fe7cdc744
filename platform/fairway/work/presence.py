"""Which executors are there: each has a lease that it renews. One that has run out is claimed by another executor,
which goes on with what that one was at, and only then lets go of it: if it dies in between, the next one claims it.
"""

from datetime import timedelta

from sqlmodel import col, delete, select, update

from fairway.db.clock import now
from fairway.db.database import Database
from fairway.models import Lease

LASTS = timedelta(seconds=45)
PREFIX = "executor:"


class Presence:
    """Of one executor. All that it does blocks."""

    def __init__(self, database: Database, executor: str) -> None:
        self._database = database
        self._executor = executor

    def hold(self) -> bool:
        """False when somebody else has taken over meanwhile; it is held again, for what begins now."""
        name = PREFIX + self._executor
        with self._database.write() as session:
            row = session.get(Lease, name) or Lease(name=name, holder="", epoch=0, expires_at=now())
            kept = row.holder == self._executor
            row.epoch += 0 if kept else 1
            row.holder, row.expires_at = self._executor, now() + LASTS
            session.add(row)
            return kept

    def claim(self) -> list[str]:
        """The executors whose lease has run out, each for one of the living."""
        with self._database.write() as session:
            expired = select(Lease).where(col(Lease.name).startswith(PREFIX), col(Lease.expires_at) < now())
            claimed = []
            for row in session.exec(expired).all():
                same = (col(Lease.name) == row.name, col(Lease.epoch) == row.epoch, col(Lease.expires_at) < now())
                mine = {"holder": self._executor, "epoch": row.epoch + 1, "expires_at": now() + LASTS}
                if session.exec(update(Lease).where(*same).values(**mine)).rowcount:
                    claimed.append(row.name.removeprefix(PREFIX))
            return claimed

    def let_go(self, executors: list[str]) -> None:
        """Of those claimed; not of one that is there again."""
        names = [PREFIX + executor for executor in executors]
        with self._database.write() as session:
            session.exec(delete(Lease).where(col(Lease.name).in_(names), col(Lease.holder) == self._executor))
