"""`fairway audit`: who changed what."""

from collections.abc import Mapping
from typing import Any

import click

from fairway.cli import output
from fairway.cli.caller import Caller, common, pass_caller


@click.command()
@click.option("--target", help="The id of what was changed.")
@click.option("--team", help="Only what belongs to this team.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@common
@pass_caller
def audit(caller: Caller, target: str | None, team: str | None, limit: int) -> None:
    """Who changed what, newest first."""
    columns: list[output.Column] = [
        ("at", lambda r: str(r["at"])[:19].replace("T", " ")),
        ("who", lambda r: r["actor"]),
        ("via", lambda r: r["via"]),
        ("did", lambda r: r["action"]),
        ("to", lambda r: r["target"]["name"]),
        ("changes", lambda r: _changes(r["diff"])),
        ("comment", lambda r: r["comment"]),
    ]
    found = caller.client.pages("/audit", limit, target=target, team=team)
    output.rows(caller.format, found, columns, "Nothing was changed yet.")


def _changes(diff: Mapping[str, Any]) -> str:
    return ", ".join(f"{k}: {output.cell(a)} -> {output.cell(b)}" for k, (a, b) in diff.items() if len([a, b]) == 2)
