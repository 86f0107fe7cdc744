"""`fairway rotate`."""

import click

from fairway.cli import changes, targets
from fairway.cli.caller import Caller, pass_caller, placed


@click.command()
@click.argument("name")
@changes.consent
@placed
@pass_caller
def rotate(caller: Caller, name: str, yes: bool, no_wait: bool) -> None:
    """Give a resource a new password; the deployments that use it get it too."""
    found = targets.find(caller, name)
    wish = {"operation": "rotate", "resource": found["id"]}
    changes.carry_out(caller, wish, f"Give {found['name']} a new password?", yes=yes, wait=not no_wait)
