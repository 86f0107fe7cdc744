"""`fairway chaos`: trials."""

import click

from fairway.cli.groups import LazyGroup

COMMANDS = {
    "kill": "chaos.kill:kill",
    "run": "chaos.run:run",
    "preview": "chaos.run:preview",
    "list": "chaos.look:list_trials",
    "show": "chaos.look:show",
    "watch": "chaos.look:watch",
    "report": "chaos.report:report",
    "abort": "chaos.stop:abort",
    "halt": "chaos.stop:halt",
    "resume": "chaos.stop:resume",
    "import": "chaos.toolkit:import_experiment",
}


@click.group(cls=LazyGroup, table=COMMANDS, invoke_without_command=True)
@click.pass_context
def chaos(context: click.Context) -> None:
    """Kill pods on purpose, and measure how well things recover."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
