"""`fairway serve`: the server alone, for those who run the parts apart."""

import os
import sys

import click

from fairway.cli.failure import usage


@click.command()
@click.option("--role", type=click.Choice(["all", "web", "worker", "collector"]), help="Also FAIRWAY_ROLE.")
def serve(role: str | None) -> None:
    """Run the server with the settings of the environment; needs FAIRWAY_KUBECONFIG, since it brings no cluster."""
    from fairway.settings import BadSetting, load

    try:
        load()
    except BadSetting as error:
        raise usage(str(error)) from error
    environment = {**os.environ, **({"FAIRWAY_ROLE": role} if role else {})}
    os.execve(sys.executable, [sys.executable, "-m", "fairway.serving"], environment)
