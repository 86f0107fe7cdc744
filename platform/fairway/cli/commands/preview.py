"""`fairway preview`: what an update would do, or a destroy, without doing it."""

import click

from fairway.cli import changes, output, previews, targets, wishes
from fairway.cli.caller import Caller, pass_caller, placed
from fairway.cli.failure import usage


@click.command()
@click.argument("name")
@wishes.options
@click.option("--destroy", is_flag=True, help="What destroying it would do.")
@placed
@pass_caller
def preview(
    caller: Caller,
    name: str,
    plan: str,
    settings: tuple[str, ...],
    unset: tuple[str, ...],
    bind: tuple[str, ...],
    unbind: tuple[str, ...],
    destroy: bool,
) -> None:
    """Show what a change would do, with its price, and change nothing."""
    found = targets.find(caller, name)
    wish = wishes.update(caller, found, plan, settings, unset, bind, unbind)
    if destroy:
        if len(wish) > 2:
            raise usage("--destroy goes with no other change")
        wish["operation"] = "destroy"
    changes.refuse_unused(wish)
    answer = previews.ask(caller, wish)
    if caller.format != "table":
        output.document(caller.format, answer)
    elif previews.is_idle(answer):
        click.echo("Nothing would change.")
    else:
        previews.show(answer, to_stderr=False)
