"""`fairway events`: what happened to a resource, as Fairway and the cluster tell it."""

import json
from collections.abc import Mapping
from typing import Any

import click

from fairway.cli import output, targets
from fairway.cli.caller import Caller, pass_caller, placed
from fairway.cli.failure import INTERRUPTED


@click.command()
@click.argument("name")
@click.option("-f", "--follow", is_flag=True, help="Go on as they come.")
@placed
@pass_caller
def events(caller: Caller, name: str, follow: bool) -> None:
    """What happened to a resource and its pods, newest last."""
    path = f"/resources/{targets.find(caller, name)['id']}/events"
    if follow:
        _follow(caller, path)
        return
    columns: list[output.Column] = [
        ("at", lambda r: _time(r["at"])),
        ("type", lambda r: r["type"]),
        ("reason", lambda r: r["reason"]),
        ("object", lambda r: r["object"]),
        ("times", lambda r: r["count"]),
        ("message", lambda r: r["message"]),
    ]
    output.rows(caller.format, caller.client.get(path), columns, "Nothing happened to it of late.")


def _follow(caller: Caller, path: str) -> None:
    try:
        for event in caller.client.events(path):
            if not isinstance(event.data, Mapping):
                continue
            click.echo(_line(event.data) if caller.format == "table" else json.dumps(event.data, ensure_ascii=False))
    except KeyboardInterrupt as stop:
        raise click.exceptions.Exit(INTERRUPTED) from stop


def _line(event: Mapping[str, Any]) -> str:
    words = [event["type"], event["reason"], event["object"], event["message"]]
    times = f" (x{event['count']})" if event["count"] > 1 else ""
    return f"{_time(event['at'])}  {'  '.join(output.cell(word) for word in words)}{times}"


def _time(moment: Any) -> str:
    return str(moment or "-")[:19].replace("T", " ")
