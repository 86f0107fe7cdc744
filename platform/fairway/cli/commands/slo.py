"""`fairway slo`: service level objectives, and how they stand."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from fairway.cli import budgets, output, targets
from fairway.cli.caller import Caller, pass_caller, placed
from fairway.cli.failure import NOT_FOUND, Failure
from fairway.cli.groups import NounGroup


@click.group(cls=NounGroup)
def slo() -> None:
    """List, show, set and remove service level objectives."""


@slo.command("list")
@click.option("--all", "everywhere", is_flag=True, help="Whatever `fairway use` says.")
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True)
@placed
@pass_caller
def list_slos(caller: Caller, everywhere: bool, limit: int) -> None:
    """The objectives of your teams' resources, and what is left of their budgets."""
    columns: list[output.Column] = [
        ("service", lambda r: r["service"]),
        ("env", lambda r: r["environment"]),
        ("name", lambda r: r["name"]),
        ("objective", lambda r: f"{r['objective']:g} %"),
        ("window", lambda r: f"{r['window_days']} d"),
        ("served", lambda r: budgets.percent(r["ratio"], 3)),
        ("budget left", lambda r: budgets.percent(r["budget"]["left_ratio"])),
        ("burn 1 h", lambda r: budgets.times(r["burn"]["1h"])),
        ("burn 6 h", lambda r: budgets.times(r["burn"]["6h"])),
        ("state", lambda r: budgets.state(r)),
    ]
    place = {} if everywhere else {"service": caller.service, "environment": caller.environment}
    found = caller.client.pages("/slos", limit, **place)
    output.rows(caller.format, found, columns, "No objective yet. `fairway slo set NAME --objective 99.9` sets one.")
    _warn(found)


@slo.command("get")
@click.argument("name")
@placed
@pass_caller
def get_slo(caller: Caller, name: str) -> None:
    """The objective of a resource, and how it stands."""
    _show(caller, caller.client.get(_path(caller, name)))


@slo.command("set")
@click.argument("name")
@click.option("--objective", type=float, required=True, metavar="PERCENT", help="Above 50 and below 100, such as 99.9.")
@click.option("--window", type=int, metavar="DAYS", help="1 to 90; without it as it is, and 28 for a new one.")
@placed
@pass_caller
def set_slo(caller: Caller, name: str, objective: float, window: int | None) -> None:
    """Set or change the objective of a resource: percent of the measured time in which it serves."""
    path = _path(caller, name)
    kept, version = _present(caller, path)
    given = {} if window is None else {"window_days": window}
    body = {**kept, "objective": objective, **given}
    _show(caller, caller.client.ask("PUT", path, body, headers=version).document)


@slo.command("remove")
@click.argument("name")
@placed
@pass_caller
def remove_slo(caller: Caller, name: str) -> None:
    """Remove the objective of a resource; what was measured stays."""
    caller.client.ask("DELETE", _path(caller, name))
    click.echo(f"Removed the objective of {name}.", err=True)


def _path(caller: Caller, name: str) -> str:
    return f"/resources/{targets.find(caller, name)['id']}/slo"


def _present(caller: Caller, path: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The window that is set, if any, and the header that lets nobody else's change be lost."""
    try:
        answer = caller.client.ask("GET", path)
    except Failure as failure:
        if failure.code != NOT_FOUND:
            raise
        return {}, {}
    return {"window_days": answer.document["window_days"]}, {"If-Match": answer.headers.get("etag", "*")}


def _show(caller: Caller, found: Mapping[str, Any]) -> None:
    output.one(caller.format, found, budgets.lines(found))
    _warn([found])


def _warn(found: Sequence[Mapping[str, Any]]) -> None:
    """One history tells, or does not, of all of them."""
    if found and found[0]["silent"]:
        click.echo(f"How it stands is not known: {found[0]['silent']}", err=True)
