"""Debian's packages as folders: fetched by the machine's own apt, unpacked, never installed.

Nothing of the machine changes: apt gets a state of its own in the cache, and the idea that nothing is
installed.
"""

import fcntl
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.real.cluster import places
from tests.real.cluster.failure import Unable

DAY = 86400.0
FOLDERS = ("state/lists/partial", "cache/archives/partial", "etc")
LINKS = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64"}


def unpacked(packages: Sequence[str], without: Sequence[str] = ()) -> Path:
    """A folder with the packages and all that they depend on, but for `without`. Raises Unable."""
    name = places.digest([*(p.encode() for p in packages), b"/", *(p.encode() for p in without)])
    folder = places.cache() / "packages" / name
    with _locked():
        if not folder.is_dir():
            files = [file for file in _fetched(packages) if file.name.split("_")[0] not in without]
            _unpack(files, folder)
    return folder


@cache
def closure(packages: tuple[str, ...]) -> list[str]:
    """The names of the packages and of all that they depend on. Raises Unable."""
    with _locked():
        return list(_wanted(packages))


@contextmanager
def _locked() -> Iterator[None]:
    root = places.cache() / "apt"
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _unpack(files: Sequence[Path], folder: Path) -> None:
    half = folder.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    for link, target in LINKS.items():
        (half / target).mkdir(parents=True)
        (half / link).symlink_to(target)
    for file in files:
        # A package that still has /bin or /lib as folders must land behind our links: tar keeps them when told so.
        unpack = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"'
        _run(["sh", "-ec", unpack, "sh", str(file), str(half)])
    half.rename(folder)


def index(folders: Sequence[Path], scratch: Path) -> Path:
    """The loader's index of the libraries of all folders together, which programs read that look one up by name."""
    (scratch / "etc").mkdir(parents=True)
    for folder in folders:
        for libraries in folder.glob("usr/lib/*-linux-gnu"):
            target = scratch / libraries.relative_to(folder)
            target.mkdir(parents=True, exist_ok=True)
            for library in libraries.glob("*.so*"):
                shutil.copy(library, target / library.name, follow_symlinks=False)
    found = [f"/{path.relative_to(scratch)}" for path in scratch.glob("usr/lib/*-linux-gnu")]
    _run(["/sbin/ldconfig", "-X", "-r", str(scratch), *found])
    return scratch / "etc/ld.so.cache"


def _fetched(packages: Sequence[str]) -> list[Path]:
    wanted = _wanted(packages)
    _apt("--download-only", "install", *packages)
    archives = places.cache() / "apt" / "cache" / "archives"
    return [next(archives.glob(f"{name}_{version}_*.deb")) for name, version in wanted.items()]


def _wanted(packages: Sequence[str]) -> dict[str, str]:
    """Name -> version, as apt writes it in file names."""
    stamp = places.cache() / "apt" / "updated"
    if not stamp.exists() or time.time() - stamp.stat().st_mtime > DAY:
        _apt("update")
        stamp.touch()
    said = re.findall(r"^Inst (\S+) \((\S+) ", _apt("--simulate", "install", *packages), re.MULTILINE)
    return {name.split(":")[0]: version.replace(":", "%3a") for name, version in said}


def _apt(*words: str) -> str:
    apt = shutil.which("apt-get")
    if apt is None:
        raise Unable("apt-get is not here; the images are made from packages of Debian or a relative of it")
    root = places.cache() / "apt"
    (root / "status").touch()
    options = {
        "Dir::State": root / "state",
        "Dir::State::status": root / "status",
        "Dir::Cache": root / "cache",
        "APT::Install-Recommends": "0",
        "APT::Sandbox::User": "",
        "Debug::NoLocking": "1",
    }
    given = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    return _run([apt, "-qq", "-y", *given, *words])


def _run(command: list[str]) -> str:
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise Unable(f"{' '.join(command[:1])} failed: {done.stderr.strip()[-800:]}")
    return done.stdout
