"""`fairway reset`: end the platform of this machine and remove its data."""

import shutil
import sys

import click

from fairway.cli import hold
from fairway.cli.caller import Caller, common, pass_caller
from fairway.cli.failure import usage

OURS = ("fairway.db", "keys", "sandbox", "server.json", "up.pid", "logs")


@click.command()
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@common
@pass_caller
def reset(caller: Caller, yes: bool) -> None:
    """End the platform of this data directory and remove everything in it."""
    data = caller.data_dir
    if not data.exists():
        click.echo(f"There is nothing in {data}.", err=True)
        return
    if not any((data / name).exists() for name in OURS):
        raise usage(f"{data} does not look like a data directory of Fairway", "Nothing was removed.")
    if not yes:
        if not sys.stdin.isatty():
            raise usage("Nobody is there to be asked", "Say --yes.")
        click.confirm(f"Remove {data} with every database in it?", abort=True, err=True)
    if hold.end_holder(data):
        click.echo("Ended the platform.", err=True)
    shutil.rmtree(data)
    click.echo(f"Removed {data}.", err=True)
