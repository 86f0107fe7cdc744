"""Where the cluster keeps things: what is built in the user's cache, what runs in one folder that `down` removes."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent


def cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base).expanduser().absolute() / "fairway" / "real"


def state() -> Path:
    """Of the cluster that runs: etcd's data, containers, volumes, keys, logs."""
    return cache() / "cluster"


def kubeconfig() -> Path:
    return state() / "kubeconfig"


def digest(parts: Iterable[bytes]) -> str:
    """Twelve hex digits that change with any of the parts."""
    found = hashlib.sha256()
    for part in parts:
        found.update(hashlib.sha256(part).digest())
    return found.hexdigest()[:12]
