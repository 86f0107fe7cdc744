"""`fairway destroy`, and the protection against it."""

import sys

import click

from fairway.cli import changes, output, previews, targets
from fairway.cli.caller import Caller, pass_caller, placed
from fairway.cli.failure import usage


@click.command()
@click.argument("name")
@click.option("--confirm", metavar="NAME", help="The name once more, for scripts.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask; needs --confirm.")
@click.option("--no-wait", is_flag=True, help="Do not wait for its end.")
@placed
@pass_caller
def destroy(caller: Caller, name: str, confirm: str | None, yes: bool, no_wait: bool) -> None:
    """Destroy a resource with all of its data, after its name was typed."""
    found = targets.find(caller, name)
    wish = {"operation": "destroy", "resource": found["id"]}
    preview = previews.ask(caller, wish)
    previews.show(preview)
    if confirm is None:
        if yes or not sys.stdin.isatty():
            raise usage("Nobody is there to type its name", f"Say --confirm {found['name']}.")
        confirm = click.prompt(f"This destroys it for ever. Type {found['name']} to go on", err=True)
    body = {"operation": "destroy", "preview": preview["id"], "confirm": confirm}
    answer = caller.client.ask("POST", f"/resources/{found['id']}/runs", body)
    changes.finish(caller, changes.run_of(answer.headers, answer.document), not no_wait)


@click.command()
@click.argument("name")
@click.option("--off", is_flag=True, help="Lift it.")
@placed
@pass_caller
def protect(caller: Caller, name: str, off: bool) -> None:
    """Protect a resource against being destroyed, or lift that."""
    found = targets.find(caller, name)
    changed = caller.client.ask("PATCH", f"/resources/{found['id']}", {"protected": not off}).document
    if caller.format == "table":
        click.echo(f"{found['name']} is {'not ' if off else ''}protected.", err=True)
    else:
        output.document(caller.format, changed)
