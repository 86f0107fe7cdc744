"""The bundled demo application, and commands of one's own in Python or the shell."""

import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from fairway_sandbox.recipes.recipe import NoRecipe, Setting, Start, module, module_path, quoted, run, with_programs

SHIM = Path(__file__).parents[1] / "shim"
RELEASES = ("1", "2")
PYTHON = re.compile(r"python[\d.]*$")


def demo(tag: str) -> Callable[[Setting], Start]:
    if tag not in RELEASES:
        raise NoRecipe(f"fairway/demo has the tags {' and '.join(RELEASES)}, not {tag}")

    def start(setting: Setting) -> Start:
        if setting.command:
            return Start(run(*setting.command, *setting.arguments))
        port = setting.environment.get("PORT") or str(setting.port or 8080)
        environment = {**module_path(), "PORT": port, "PYTHONUNBUFFERED": "1"}
        return Start(run(*module("demo", "--release", tag, *setting.arguments)), environment)

    return start


def python(tag: str) -> Callable[[Setting], Start]:
    """The interpreter that runs the sandbox, whatever minor version is asked for."""

    def start(setting: Setting) -> Start:
        own = f'exec {quoted(sys.executable)} "$@"'
        path = with_programs(setting, {"python": own, "python3": own})
        before = setting.environment.get("PYTHONPATH")
        environment = {**path, "PYTHONPATH": f"{SHIM}:{before}" if before else str(SHIM), "PYTHONUNBUFFERED": "1"}
        words = (*setting.command, *setting.arguments)
        if words and PYTHON.match(Path(words[0]).name):
            words = (sys.executable, *words[1:])
        return Start(run(*(words or (sys.executable, "-c", "pass"))), environment)

    return start


def shell(tag: str) -> Callable[[Setting], Start]:
    def start(setting: Setting) -> Start:
        return Start(run(*((*setting.command, *setting.arguments) or ("sh", "-c", "exit 0"))))

    return start


def pause(tag: str) -> Callable[[Setting], Start]:
    def start(setting: Setting) -> Start:
        return Start(run("sleep", "infinity"), stop=signal.SIGKILL)

    return start
