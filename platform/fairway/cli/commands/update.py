"""`fairway update`."""

import click

from fairway.cli import changes, targets, wishes
from fairway.cli.caller import Caller, pass_caller, placed


@click.command()
@click.argument("name")
@wishes.options
@changes.consent
@placed
@pass_caller
def update(
    caller: Caller,
    name: str,
    plan: str,
    settings: tuple[str, ...],
    unset: tuple[str, ...],
    bind: tuple[str, ...],
    unbind: tuple[str, ...],
    yes: bool,
    no_wait: bool,
) -> None:
    """Change a resource's plan, parameters or bindings."""
    found = targets.find(caller, name)
    wish = wishes.update(caller, found, plan, settings, unset, bind, unbind)
    changes.carry_out(caller, wish, f"Change {found['name']}?", yes=yes, wait=not no_wait)
