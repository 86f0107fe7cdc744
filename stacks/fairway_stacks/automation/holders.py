"""Who holds a stack's locks, from what the Pulumi CLI says of them, and whether those processes can still live.

The CLI's locks name who made them and are never renewed: one whose process was killed is there for ever, until
`pulumi cancel`. The wording is that of pkg/backend/diy/lock.go of github.com/pulumi/pulumi.
"""

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import psutil

COUNT = re.compile(r"currently locked by (\d+) lock")
HOLDER = re.compile(r"created by \S*@(\S+) \(pid (\d+)\) at (\S+(?:Z|[+-]\d\d:\d\d))")
SECOND = 1.0


@dataclass(frozen=True)
class Holder:
    host: str
    pid: int
    since: datetime


def of(message: str) -> tuple[Holder, ...]:
    """Empty where not all of them can be told."""
    count = COUNT.search(message)
    try:
        found = tuple(Holder(h, int(pid), datetime.fromisoformat(at)) for h, pid, at in HOLDER.findall(message))
    except ValueError:
        return ()
    return found if count and int(count[1]) == len(found) else ()


def all_dead(message: str, gone: Mapping[str, datetime]) -> bool:
    """gone: hosts whose processes were dead at that time."""
    holders = of(message)
    return bool(holders) and all(_is_dead(holder, gone) for holder in holders)


def _is_dead(holder: Holder, gone: Mapping[str, datetime]) -> bool:
    if holder.host in gone and holder.since < gone[holder.host]:
        return True
    return holder.host == socket.gethostname() and not _lives(holder)


def _lives(holder: Holder) -> bool:
    """A process that began after the lock was made only has the same number. The CLI tells whole seconds."""
    try:
        process = psutil.Process(holder.pid)
        began = process.create_time()
        return process.status() != psutil.STATUS_ZOMBIE and began <= holder.since.timestamp() + SECOND
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
