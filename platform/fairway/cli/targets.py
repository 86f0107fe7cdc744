"""Which resource is meant: by id, by `service/environment/name`, or by its name here."""

import re
import sys
from typing import Any

import click

from fairway.cli.caller import Caller
from fairway.cli.failure import NOT_FOUND, Failure, usage

IDENTITY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MOST = 1000


def find(caller: Caller, ref: str) -> dict[str, Any]:
    """The resource document. Raises Failure when there is none, or several and it was not said which."""
    if IDENTITY.fullmatch(ref):
        found: dict[str, Any] = caller.client.get(f"/resources/{ref}")
        return found
    service, environment, name = parts(caller, ref)
    rows = _named(caller, service, environment, name)
    if not rows:
        where = f" of {service}" if service else ""
        where += f" in {environment}" if environment else ""
        raise Failure(f"There is no {name}{where} of yours", "`fairway list --all` shows all.", code=NOT_FOUND)
    if len(rows) > 1:
        places = ", ".join(f"{r['service']}/{r['environment']}/{r['name']}" for r in rows)
        raise usage(f"There are {len(rows)} named {name}: {places}", "Add -s and -e, or write one of these.")
    return rows[0]


def present(caller: Caller, service: str, environment: str, name: str) -> dict[str, Any] | None:
    """The living resource of that name, None when there is none."""
    rows = _named(caller, service, environment, name)
    return rows[0] if rows else None


def settle_service(caller: Caller, yes: bool) -> str:
    """The service of the call; one that is new is offered to be made, in the caller's team."""
    name = caller.need_service()
    try:
        caller.client.get(f"/services/{name}")
    except Failure as failure:
        if failure.code != NOT_FOUND:
            raise
        if not yes:
            if not sys.stdin.isatty():
                raise
            click.confirm(f"There is no service {name}. Make it?", abort=True, default=True, err=True)
        make_service(caller, name)
    return name


def make_service(caller: Caller, name: str) -> None:
    """In the caller's team."""
    made = caller.client.post("/services", {"name": name})
    click.echo(f"Made the service {name} of team {made['team']}.", err=True)


def parts(caller: Caller, ref: str) -> tuple[str, str, str]:
    """(service, environment, name) of a name or a whole path, as far as they were said."""
    words = ref.split("/")
    if len(words) == 3 and all(words):
        return words[0], words[1], words[2]
    if len(words) != 1:
        raise usage(f"{ref!r} names no resource", "Write NAME or SERVICE/ENVIRONMENT/NAME.")
    return caller.service, caller.environment, ref


def _named(caller: Caller, service: str, environment: str, name: str) -> list[dict[str, Any]]:
    rows = caller.client.pages("/resources", MOST, service=service, environment=environment)
    return [row for row in rows if name in (row["name"], row["id"][-8:])]
