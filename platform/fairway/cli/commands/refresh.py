"""`fairway refresh`."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from fairway.cli import changes, targets
from fairway.cli.caller import Caller, pass_caller, placed

DRIFT = {"update": "was changed in the cluster", "delete": "is gone from the cluster"}


@click.command()
@click.argument("name")
@click.option("--no-wait", is_flag=True, help="Do not wait for its end.")
@placed
@pass_caller
def refresh(caller: Caller, name: str, no_wait: bool) -> None:
    """Read from the cluster how a resource is there now; nothing in the cluster is changed."""
    found = targets.find(caller, name)
    answer = caller.client.ask("POST", f"/resources/{found['id']}/runs", {"operation": "refresh"})
    run = changes.run_of(answer.headers, answer.document)
    changes.finish(caller, run, not no_wait)
    if not no_wait:
        _tell(caller.client.get(f"/runs/{run}").get("steps", ()))


def _tell(steps: Sequence[Mapping[str, Any]]) -> None:
    """What is not as it was applied, and the way to put it right."""
    drifted = [step for step in steps if step["op"] in DRIFT]
    for step in drifted:
        click.echo(f"  {step['type'].rpartition(':')[2]} {step['name']} {DRIFT[step['op']]}", err=True)
    if drifted:
        click.echo("The next `fairway update` of the resource puts this right.", err=True)
