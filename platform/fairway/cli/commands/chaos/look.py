"""Seeing trials: list, show, watch."""

import click

from fairway.cli import output, targets, trials, verdicts
from fairway.cli.caller import Caller, common, pass_caller, placed


@click.command("list")
@click.option("--resource", metavar="NAME", help="Only of this resource.")
@click.option("--experiments", "kept", is_flag=True, help="The experiments that are kept, in place of trials.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@placed
@pass_caller
def list_trials(caller: Caller, resource: str | None, kept: bool, limit: int) -> None:
    """The newest trials."""
    of = targets.find(caller, resource)["id"] if resource else None
    if kept:
        _experiments(caller, of)
        return
    columns: list[output.Column] = [
        ("id", lambda r: output.short(r["id"])),
        ("resource", lambda r: f"{r['service']}/{r['environment']}/{r['name']}"),
        ("method", lambda r: r["method"]),
        ("pods", lambda r: sum(1 for v in r["victims"] if v["outcome"] == "killed")),
        ("verdict", lambda r: r["verdict"] or r["state"]),
        ("score", lambda r: None if r["score"] is None else f"{r['score']:g}"),
        ("recovery", lambda r: None if r["workload"]["ttr"] is None else f"{r['workload']['ttr']:.2f} s"),
        ("by", lambda r: r["requested_by"]),
        ("age", lambda r: output.age(r["created_at"])),
    ]
    found = caller.client.pages("/trials", limit, resource=of)
    output.rows(caller.format, found, columns, "No trials yet. `fairway chaos kill NAME` starts one.")


@click.command()
@click.argument("trial")
@common
@pass_caller
def show(caller: Caller, trial: str) -> None:
    """One trial: verdict, score, victims, what was measured."""
    found = caller.client.get(f"/trials/{trial}")
    output.one(caller.format, found, verdicts.lines(found))


@click.command()
@click.argument("trial")
@common
@pass_caller
def watch(caller: Caller, trial: str) -> None:
    """Follow a trial until it ends; the exit code says its verdict."""
    found = caller.client.get(f"/trials/{trial}")
    trials.conclude(caller, trials.follow(caller, found["id"]))


def _experiments(caller: Caller, of: str | None) -> None:
    columns: list[output.Column] = [
        ("name", lambda r: r["name"]),
        ("resource", lambda r: output.short(r["resource"])),
        ("method", lambda r: r["definition"].get("action", {}).get("method")),
        ("title", lambda r: r["definition"].get("title")),
        ("age", lambda r: output.age(r["updated_at"])),
    ]
    rows = caller.client.get("/experiments", resource=of)
    output.rows(caller.format, rows, columns, "None is kept. `fairway chaos import FILE --keep NAME` keeps one.")
