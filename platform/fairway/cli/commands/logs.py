"""`fairway logs`: what the pods of a resource say."""

import json
import sys
from collections.abc import Iterable

import click

from fairway.cli import output, targets
from fairway.cli.caller import Caller, pass_caller, placed
from fairway.cli.failure import INTERRUPTED, usage


@click.command()
@click.argument("name")
@click.option("-f", "--follow", is_flag=True, help="Go on as they speak, also of pods that are new.")
@click.option("--previous", is_flag=True, help="Of the containers before these: why did it restart?")
@click.option("--tail", type=click.IntRange(1, 5000), default=200, show_default=True, help="How many lines.")
@click.option("--pod", default="", metavar="NAME", help="Of this pod only.")
@placed
@pass_caller
def logs(caller: Caller, name: str, follow: bool, previous: bool, tail: int, pod: str) -> None:
    """The logs of a resource, each line after the name of its pod."""
    if follow and previous:
        raise usage("--follow and --previous exclude each other", "What an earlier container said does not go on.")
    found = targets.find(caller, name)
    query = {"follow": follow, "previous": previous, "tail": tail, "pod": pod}
    lines = caller.client.lines(f"/resources/{found['id']}/logs", query)
    try:
        if caller.format == "table":
            _print(lines, with_pod=not pod)
        elif follow:
            for line in lines:
                click.echo(json.dumps(_parts(line), ensure_ascii=False))
        else:
            output.document(caller.format, [_parts(line) for line in lines])
    except KeyboardInterrupt as stop:
        raise click.exceptions.Exit(INTERRUPTED) from stop


def _print(lines: Iterable[str], with_pod: bool) -> None:
    """To a terminal without what could command it; elsewhere as it was written, but for colour."""
    lively = is_terminal()
    for line in lines:
        parts = _parts(line)
        text = output.plain(click.unstyle(parts["line"])) if lively else parts["line"]
        click.echo(f"{click.style(parts['pod'], dim=True)} {text}" if with_pod else text)


def is_terminal() -> bool:
    return sys.stdout.isatty()


def _parts(line: str) -> dict[str, str]:
    pod, _, text = line.partition(" ")
    return {"pod": pod, "line": text}
