"""`fairway rollback`, and the revisions that there are to go back to."""

from typing import Any

import click

from fairway.cli import changes, output, targets
from fairway.cli.caller import Caller, pass_caller, placed


@click.command()
@click.argument("name")
@click.option("--to", "revision", type=int, metavar="REVISION", help="Without it the one before the present.")
@changes.consent
@placed
@pass_caller
def rollback(caller: Caller, name: str, revision: int | None, yes: bool, no_wait: bool) -> None:
    """Apply an earlier revision again: image, variables, plan and bindings together."""
    found = targets.find(caller, name)
    wish: dict[str, Any] = {"operation": "rollback", "resource": found["id"]}
    extra = {} if revision is None else {"revision": revision}
    question = f"Roll {found['name']} back{f' to revision {revision}' if revision else ''}?"
    changes.carry_out(caller, wish | extra, question, yes=yes, wait=not no_wait, extra=extra)


@click.command()
@click.argument("name")
@placed
@pass_caller
def revisions(caller: Caller, name: str) -> None:
    """What was applied when, by whom; `fairway rollback --to` goes back to one."""
    found = targets.find(caller, name)
    columns: list[output.Column] = [
        ("revision", lambda r: r["number"]),
        ("now", lambda r: "*" if r.get("current") else ""),
        ("operation", lambda r: r.get("operation")),
        ("image", lambda r: r.get("parameters", {}).get("image")),
        ("plan", lambda r: r.get("plan")),
        ("by", lambda r: r.get("by")),
        ("age", lambda r: output.age(r["created_at"])),
        ("reason", lambda r: r.get("reason")),
    ]
    rows = caller.client.get(f"/resources/{found['id']}/revisions")
    output.rows(caller.format, rows, columns, "Nothing was applied yet.")
