"""Fairway's own image, out of this checkout: what platform/deploy/Dockerfile makes where there is a registry.

The interpreter and the packages are those of the virtual environment that runs the tests, without what only tests and
the sandbox need.
"""

import importlib.metadata
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

from tests.real.cluster import places
from tests.real.images.archive import archive
from tests.real.images.contents import ROOT, SHELL_PATH, Image

NAME = "docker.io/fairway/server:checkout"
PYTHON = f"python3.{sys.version_info.minor}"
SOURCES = (
    "platform/fairway",
    "ui/fairway_ui",
    "stacks/fairway_stacks",
    "catalog/fairway_catalog",
    "chaos/fairway_chaos",
)
# glibc's own: Debian's base has them, and two of them in one process do not go together.
OF_THE_BASE = re.compile(r"/(ld-linux|libc|libm|libdl|libpthread|librt|libutil|libresolv)[-.]")
WITHOUT = ("test", "idlelib", "turtledemo", "ensurepip", "tkinter", "lib2to3")


def made() -> Path:
    """The archive, made anew: the checkout may have changed."""
    folder = places.cache() / "server"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    archive([_image(folder)], folder / "server.tar")
    return folder / "server.tar"


def _image(scratch: Path) -> Image:
    files = {f"opt/python/bin/{PYTHON}": Path(sys.executable).resolve()}
    files |= {f"opt/python/lib/{path.name}": path for path in _libraries()}
    files[f"opt/python/lib/{PYTHON}"] = _standard_library(scratch)
    packages = f"opt/python/lib/{PYTHON}/site-packages"
    files |= {f"{packages}/{path}": source for path, source in _packages().items()}
    files |= {f"{packages}/{Path(source).name}": ROOT / source for source in SOURCES}
    files["usr/local/bin/fairway"] = _command(scratch)
    return Image(
        names=(NAME,),
        files=files,
        folders={"var/lib/fairway": "nobody"},
        entrypoint=("fairway",),
        command=("serve",),
        environment={
            "PATH": f"/opt/python/bin:{SHELL_PATH}",
            "LANG": "C.UTF-8",
            "LD_LIBRARY_PATH": "/opt/python/lib",
            "PYTHONUNBUFFERED": "1",
            "FAIRWAY_HOST": "0.0.0.0",
            "FAIRWAY_DATA_DIR": "/var/lib/fairway",
        },
        user="65532:65532",
    )


def _command(scratch: Path) -> Path:
    path = scratch / "fairway"
    path.write_text(f'#!/bin/sh\nexec /opt/python/bin/{PYTHON} -m fairway.cli "$@"\n')
    return path


def _standard_library(scratch: Path) -> Path:
    """Without its tests, and without the site-packages that it may hold."""
    source, folder = Path(sysconfig.get_path("stdlib")), scratch / "library"
    left_out = shutil.ignore_patterns("site-packages", "dist-packages", "config-*", *WITHOUT)
    shutil.copytree(source, folder, ignore=left_out)
    return folder


def _libraries() -> Iterator[Path]:
    """The system's libraries that the interpreter, its modules and the packages are linked to."""
    folders = [Path(sysconfig.get_path("stdlib"), "lib-dynload"), *_packages().values()]
    modules = [str(path) for folder in folders for path in folder.rglob("*.so")]
    command = ["ldd", str(Path(sys.executable).resolve()), *modules]
    said = subprocess.run(command, capture_output=True, text=True).stdout
    system = {path for path in re.findall(r"=> (/\S+)", said) if "site-packages" not in path}
    yield from (Path(path) for path in sorted(system) if not OF_THE_BASE.search(path))


def _packages() -> dict[str, Path]:
    """Path in site-packages -> file or folder, of everything that the server needs."""
    found: dict[str, Path] = {}
    for name in _needed("fairway", set()):
        if name == "fairway":
            continue
        for file in importlib.metadata.distribution(name).files or ():
            top = file.parts[0]
            if top not in ("..", "bin") and top != "__pycache__":
                found[top] = Path(str(importlib.metadata.distribution(name).locate_file(top)))
    return found


def _needed(name: str, seen: set[str], extras: frozenset[str] = frozenset()) -> set[str]:
    """The distribution's name and those of all that it needs, without optional ones."""
    if name not in seen or extras:
        seen.add(name)
        for line in importlib.metadata.requires(name) or ():
            wanted = Requirement(line)
            contexts = [{"extra": extra} for extra in ("", *extras)]
            if wanted.marker is None or any(wanted.marker.evaluate(context) for context in contexts):
                _needed(wanted.name, seen, frozenset(wanted.extras))
    return seen
