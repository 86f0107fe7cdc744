"""`fairway refresh`."""

import click

from fairway.cli import changes, targets
from fairway.cli.caller import Caller, pass_caller, placed


@click.command()
@click.argument("name")
@click.option("--no-wait", is_flag=True, help="Do not wait for its end.")
@placed
@pass_caller
def refresh(caller: Caller, name: str, no_wait: bool) -> None:
    """Read from the cluster how a resource is there now; nothing in the cluster is changed."""
    found = targets.find(caller, name)
    answer = caller.client.ask("POST", f"/resources/{found['id']}/runs", {"operation": "refresh"})
    changes.finish(caller, changes.run_of(answer.headers, answer.document), not no_wait)
