"""What a recipe is given, and what it answers."""

import os
import shlex
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LAUNCH = (sys.executable, "-S", "-E", "-P", str(Path(__file__).parents[1] / "launch.py"))
PROGRAMS = "fairway_sandbox.programs"


class NoRecipe(LookupError):
    """The image stands for no program on this machine."""


@dataclass(frozen=True)
class Setting:
    """A container about to start. `mounts` are directories by the path that the container knows."""

    address: str
    command: tuple[str, ...]
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    mounts: Mapping[str, str]
    scratch: Path
    port: int | None

    def directory(self, path: str) -> str:
        """Where a path of the image is kept: its volume, or the container's own scratch."""
        if path in self.mounts:
            return self.mounts[path]
        own = self.scratch / path.strip("/").replace("/", "-")
        own.mkdir(exist_ok=True)
        return str(own)


@dataclass(frozen=True)
class Start:
    """The program, what its environment has besides the pod's, and the signal that asks it to end."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop: signal.Signals = signal.SIGTERM


@dataclass(frozen=True)
class Recipe:
    image: str
    start: Callable[[Setting], Start]


def run(*arguments: str) -> tuple[str, ...]:
    """The arguments, started through the launcher."""
    return (*LAUNCH, "exec", *arguments)


def module(name: str, *arguments: str) -> tuple[str, ...]:
    """One of the sandbox's own programs."""
    return (sys.executable, "-m", f"{PROGRAMS}.{name}", *arguments)


def module_path() -> dict[str, str]:
    return {"PYTHONPATH": str(Path(__file__).parents[2])}


def with_programs(setting: Setting, programs: Mapping[str, str]) -> dict[str, str]:
    """A PATH whose first directory has small scripts, by name and shell text: a command that is the user's own finds
    the image's programs, bound to the pod's address."""
    folder = setting.scratch / ".bin"
    folder.mkdir(exist_ok=True)
    for name, text in programs.items():
        script = folder / name
        script.write_text(f"#!/bin/sh\n{text}\n")
        script.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{setting.environment['PATH']}"}


def quoted(*words: str) -> str:
    return " ".join(shlex.quote(w) for w in words)
