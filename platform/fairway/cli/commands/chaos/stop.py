"""Ending trials: one, or all."""

import click

from fairway.cli import output, trials
from fairway.cli.caller import Caller, common, pass_caller


@click.command()
@click.argument("trial")
@click.option("--reason", "-m", default="", help="Why.")
@click.option("--no-wait", is_flag=True, help="Do not wait for its end.")
@common
@pass_caller
def abort(caller: Caller, trial: str, reason: str, no_wait: bool) -> None:
    """End a trial: no further pod is killed."""
    found = caller.client.post(f"/trials/{trial}/abort", {"reason": reason})
    if not no_wait and found["ended_at"] is None:
        found = trials.follow(caller, found["id"])
    if caller.format == "table":
        word = f"The trial of {found['name']} ended {found['verdict']}" if found["verdict"] else "Aborting the trial"
        click.echo(f"{word}.", err=True)
    else:
        output.document(caller.format, found)


@click.command()
@click.option("--reason", "-m", default="halted from the command line", help="Why, such as: outage of checkout.")
@common
@pass_caller
def halt(caller: Caller, reason: str) -> None:
    """End all trials of everybody, and let none begin: the kill switch."""
    _switch(caller, True, reason)


@click.command()
@click.option("--reason", "-m", default="", help="Why.")
@common
@pass_caller
def resume(caller: Caller, reason: str) -> None:
    """Let trials begin again; an admin's."""
    _switch(caller, False, reason)


def _switch(caller: Caller, halted: bool, reason: str) -> None:
    found = caller.client.ask("PUT", "/kill-switch", {"halted": halted, "reason": reason}).document
    if caller.format == "table":
        click.echo(f"Trials are halted: {found['reason']}" if found["halted"] else "Trials may begin again.", err=True)
    else:
        output.document(caller.format, found)
