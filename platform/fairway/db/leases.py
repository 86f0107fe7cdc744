"""Leases: a fenced, expiring right to be the only one that does something.

`take` gets, renews or takes over one; whoever writes under it asks `require` in the same transaction, so that a
holder that was paused past its expiry writes nothing once another one has taken over.
"""

import os
import socket
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import column, insert, select, table, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from fairway.db.clock import UtcDateTime, now
from fairway.db.database import Database

_BOOT = Path("/proc/sys/kernel/random/boot_id")
LEASE = table("lease", column("name"), column("holder"), column("epoch"), column("expires_at", UtcDateTime()))


class LeaseLost(Exception):
    """Another process has taken over."""


@dataclass(frozen=True)
class Held:
    """epoch grows with each new holder."""

    name: str
    holder: str
    epoch: int


def this_process() -> str:
    """A holder's name that no other process has: `<machine>|<process>|<random>`."""
    return f"{_machine()}|{os.getpid()}|{os.urandom(4).hex()}"


def is_gone(holder: str) -> bool:
    """Whether the holder was a process of this machine that has ended; its leases need not be waited for."""
    machine, _, rest = holder.partition("|")
    number = rest.partition("|")[0]
    if machine != _machine() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _machine() -> str:
    """Two containers may share a name, never the namespace in which process numbers count."""
    try:
        return f"{socket.gethostname()}/{os.readlink('/proc/self/ns/pid')}/{_BOOT.read_text().strip()}"
    except OSError:
        return f"{socket.gethostname()}/{os.urandom(8).hex()}"


def take(database: Database, name: str, holder: str, seconds: float) -> Held | None:
    """For that long from now on; None while somebody else holds it."""
    try:
        with database.write() as session:
            return _take(session, name, holder, seconds)
    except IntegrityError:  # two inserted it at once
        return None


def require(session: Session, held: Held) -> None:
    """Raises LeaseLost. In a write session, before the writes that the lease protects."""
    query = select(LEASE.c.epoch).where(LEASE.c.name == held.name, LEASE.c.holder == held.holder)
    if session.connection().execute(query.with_for_update(read=True)).scalar() != held.epoch:
        raise LeaseLost(f"{held.name} is held by another process")


def release(database: Database, held: Held) -> None:
    """The next one need not wait for the expiry."""
    with database.write() as session:
        mine = (LEASE.c.name == held.name) & (LEASE.c.holder == held.holder) & (LEASE.c.epoch == held.epoch)
        session.connection().execute(update(LEASE).where(mine).values(expires_at=now() - timedelta(seconds=1)))


def _take(session: Session, name: str, holder: str, seconds: float) -> Held | None:
    connection = session.connection()
    row = connection.execute(select(LEASE).where(LEASE.c.name == name).with_for_update()).mappings().first()
    expires_at = now() + timedelta(seconds=seconds)
    if row is None:
        connection.execute(insert(LEASE).values(name=name, holder=holder, epoch=1, expires_at=expires_at))
        return Held(name, holder, 1)
    mine = row["holder"] == holder
    if not mine and row["expires_at"] > now() and not is_gone(row["holder"]):
        return None
    epoch = row["epoch"] if mine else row["epoch"] + 1
    changes = {"holder": holder, "epoch": epoch, "expires_at": expires_at}
    connection.execute(update(LEASE).where(LEASE.c.name == name).values(**changes))
    return Held(name, holder, epoch)
