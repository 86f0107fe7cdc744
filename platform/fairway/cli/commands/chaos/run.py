"""`fairway chaos run` and `preview`: an experiment from a file, or one that is kept."""

import click

from fairway.cli import changes, definitions, output, trials
from fairway.cli.caller import Caller, pass_caller, placed


@click.command()
@click.argument("file", metavar="FILE|NAME")
@click.option("--resource", default="", metavar="NAME", help="Which resource, where the file does not say.")
@click.option("--confirm", default="", metavar="NAME", help="What goes down, for an experiment with allow_outage.")
@changes.consent
@placed
@pass_caller
def run(caller: Caller, file: str, resource: str, confirm: str, yes: bool, no_wait: bool) -> None:
    """Run an experiment: a YAML or JSON file, one of Chaos Toolkit, or the name of one that is kept."""
    spec = definitions.spec(caller, file, resource)
    trials.start(caller, {**spec, **({"confirm": confirm} if confirm else {})}, yes=yes, wait=not no_wait)


@click.command()
@click.argument("file", metavar="FILE|NAME")
@click.option("--resource", default="", metavar="NAME", help="Which resource, where the file does not say.")
@placed
@pass_caller
def preview(caller: Caller, file: str, resource: str) -> None:
    """Show what an experiment would do now, and touch nothing."""
    found = trials.preview(caller, definitions.spec(caller, file, resource))
    if caller.format == "table":
        trials.show_preview(found, to_stderr=False)
    else:
        output.document(caller.format, found)
    trials.refuse(found)
