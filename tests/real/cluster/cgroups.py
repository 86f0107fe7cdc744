"""The control group below which all pods run, in every hierarchy that this machine has."""

import time
from collections.abc import Iterator
from pathlib import Path

from tests.real.cluster.components import CGROUP
from tests.real.cluster.failure import Unable

ROOT = Path("/sys/fs/cgroup")
NEEDED = ("cpu", "memory", "pids")


def make() -> None:
    """Raises Unable where this machine lets nobody make one."""
    try:
        if (ROOT / "cgroup.controllers").exists():
            _delegate(ROOT)
            (ROOT / CGROUP).mkdir(exist_ok=True)
            _delegate(ROOT / CGROUP)
        for hierarchy in _hierarchies():
            (hierarchy / CGROUP).mkdir(exist_ok=True)
    except OSError as error:
        raise Unable(f"No control group can be made below {ROOT}: {error.strerror}") from error
    missing = [name for name in NEEDED if not _has(name)]
    if missing:
        raise Unable(f"This machine gives no control groups for {', '.join(missing)}")


def remove() -> None:
    """Once nothing runs in them any more."""
    for hierarchy in [ROOT, *_hierarchies()]:
        top = hierarchy / CGROUP
        for folder in sorted(top.rglob("*/"), reverse=True) if top.is_dir() else ():
            _remove(folder)
        _remove(top)


def left() -> list[Path]:
    return [top for hierarchy in [ROOT, *_hierarchies()] if (top := hierarchy / CGROUP).is_dir()]


def _remove(folder: Path, seconds: float = 5.0) -> None:
    until = time.monotonic() + seconds
    while folder.is_dir():
        try:
            folder.rmdir()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def _hierarchies() -> Iterator[Path]:
    if not (ROOT / "cgroup.controllers").exists():
        yield from (
            path for path in sorted(ROOT.iterdir()) if (path / "cgroup.procs").exists() and not path.is_symlink()
        )


def _delegate(folder: Path) -> None:
    there = (folder / "cgroup.controllers").read_text().split()
    (folder / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in there))


def _has(name: str) -> bool:
    if (ROOT / "cgroup.controllers").exists():
        return name in (ROOT / CGROUP / "cgroup.controllers").read_text().split()
    return (ROOT / name / CGROUP).is_dir()
