"""`fairway scale`."""

import click

from fairway.cli import changes, targets
from fairway.cli.caller import Caller, pass_caller, placed


@click.command()
@click.argument("name")
@click.option("--replicas", type=int, required=True, help="How many pods.")
@changes.consent
@placed
@pass_caller
def scale(caller: Caller, name: str, replicas: int, yes: bool, no_wait: bool) -> None:
    """Change how many replicas a deployment has."""
    found = targets.find(caller, name)
    wish = {"operation": "update", "resource": found["id"], "parameters": {"replicas": replicas}}
    changes.carry_out(caller, wish, f"Scale {found['name']} to {replicas}?", yes=yes, wait=not no_wait)
