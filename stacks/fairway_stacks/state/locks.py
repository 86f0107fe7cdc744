"""A stack's lock, as the DIY backends keep it: one document per holder; the holder who sees another's gives way.

Ours say in `renewed` that they are still wanted, every few seconds. So a lock whose holder died on another machine,
where nobody can look for its process, is one that was not renewed. The Pulumi CLI's own have no such word, and are
waited for.
"""

import getpass
import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from fairway_stacks.port import StackLocked
from fairway_stacks.state.resource import now
from fairway_stacks.state.store import Store

RENEWED_EVERY = 10.0
"""Seconds."""
DEAD_AFTER = timedelta(seconds=60)

_ours: set[str] = set()
_ours_lock = threading.Lock()


class Lock:
    """One that is held. A process that was paused for long finds out here that somebody took over."""

    def __init__(self, store: Store, key: str) -> None:
        self._store, self._key = store, key
        self._since = now()
        self._fresh = _clock()
        self._over = threading.Event()
        self._turn = threading.Lock()
        self._renewing = threading.Thread(target=self._renew, name="fairway-stack-lock", daemon=True)

    def take(self) -> None:
        self._write()

    def keep(self) -> None:
        self._renewing.start()

    def release(self) -> None:
        self._over.set()
        with self._turn:
            self._store.delete(self._key)

    def check(self) -> None:
        """Raises StackLocked where it was lost. Costs nothing while it is renewed in time."""
        if _clock() - self._fresh > DEAD_AFTER.total_seconds() / 2:
            self._touch()

    def _renew(self) -> None:
        while not self._over.wait(RENEWED_EVERY):
            try:
                self._touch()
            except StackLocked:
                return
            except Exception:  # the store may be away for a moment; whoever writes state finds out by itself
                continue

    def _touch(self) -> None:
        with self._turn:
            if self._over.is_set():
                return
            if self._store.read(self._key) is None:
                raise StackLocked("the stack's lock was lost: this process did not renew it in time")
            self._write()

    def _write(self) -> None:
        holder = {"pid": os.getpid(), "username": _user(), "hostname": socket.gethostname(), "timestamp": self._since}
        self._store.write(self._key, json.dumps({**holder, "renewed": now()}).encode())
        self._fresh = _clock()


@contextmanager
def held(store: Store, folder: str) -> Iterator[Lock]:
    """folder: `.pulumi/locks/organization/<project>/<stack>`. Raises StackLocked; a dead process holds nothing."""
    key = f"{folder}/{uuid.uuid4()}.json"
    lock = Lock(store, key)
    with _ours_lock:
        _ours.add(key)
    try:
        lock.take()
        for other in list(store.keys(folder)):
            if other != key:
                _give_way(store, other)
        lock.keep()
        yield lock
    finally:
        lock.release()
        with _ours_lock:
            _ours.discard(key)


def drop_dead(store: Store) -> None:
    """Of all stacks those that processes of this machine held and died with: whoever waits elsewhere cannot know."""
    for key in list(store.keys(".pulumi/locks")):
        holder = _read(store, key)
        if holder is not None and _is_dead(key, holder):
            store.delete(key)


def _clock() -> float:
    """Seconds that count a sleeping machine's too, where the system has such a clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _give_way(store: Store, key: str) -> None:
    holder = _read(store, key)
    if holder is None:
        return
    if _is_dead(key, holder) or _is_stale(holder.get("renewed", "")):
        store.delete(key)
        return
    raise StackLocked(
        f"the stack is currently locked by {holder.get('username')}@{holder.get('hostname')} "
        f"(pid {holder.get('pid')}) at {holder.get('timestamp')}"
    )


def _is_stale(renewed: str) -> bool:
    return bool(renewed) and datetime.now(UTC) - datetime.fromisoformat(renewed) > DEAD_AFTER


def _read(store: Store, key: str) -> dict[str, Any] | None:
    """The document of a lock; None when it is gone by now."""
    data = store.read(key)
    return None if data is None else dict(json.loads(data))


def _is_dead(key: str, holder: Mapping[str, Any]) -> bool:
    pid = int(holder.get("pid", 0))
    if holder.get("hostname") != socket.gethostname():
        return False
    if pid == os.getpid():
        with _ours_lock:
            return key not in _ours
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
