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
    """Give a resource another password; the deployments that are bound to it follow."""
    found = targets.find(caller, name)
    wish = {"operation": "rotate", "resource": found["id"]}
    question = f"Rotate the password of {found['name']}?"
    changes.carry_out(caller, wish, question, yes=yes, wait=not no_wait, noun="rotation")
