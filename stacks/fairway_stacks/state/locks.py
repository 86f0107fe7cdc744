"""A stack's lock, as the DIY backends keep it: one document per holder; the holder who sees another's gives way."""

import getpass
import json
import os
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from fairway_stacks.port import StackLocked
from fairway_stacks.state.resource import now
from fairway_stacks.state.store import Store

_ours: set[str] = set()
_ours_lock = threading.Lock()


@contextmanager
def held(store: Store, folder: str) -> Iterator[None]:
    """folder: `.pulumi/locks/organization/<project>/<stack>`. Raises StackLocked; a dead process holds nothing."""
    key = f"{folder}/{uuid.uuid4()}.json"
    with _ours_lock:
        _ours.add(key)
    try:
        store.write(key, json.dumps(_holder()).encode())
        for other in list(store.keys(folder)):
            if other != key:
                _give_way(store, other)
        yield
    finally:
        store.delete(key)
        with _ours_lock:
            _ours.discard(key)


def _holder() -> dict[str, str | int]:
    return {"pid": os.getpid(), "username": _user(), "hostname": socket.gethostname(), "timestamp": now()}


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _give_way(store: Store, key: str) -> None:
    data = store.read(key)
    if data is None:
        return
    holder = json.loads(data)
    if _is_dead(key, holder.get("hostname", ""), holder.get("pid", 0)):
        store.delete(key)
        return
    raise StackLocked(
        f"the stack is currently locked by {holder.get('username')}@{holder.get('hostname')} "
        f"(pid {holder.get('pid')}) at {holder.get('timestamp')}"
    )


def _is_dead(key: str, hostname: str, pid: int) -> bool:
    if hostname != socket.gethostname():
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
