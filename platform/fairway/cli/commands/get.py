"""`fairway get`: one resource, with the reasons of its health."""

import click

from fairway.cli import output, targets
from fairway.cli.caller import Caller, pass_caller, placed


@click.command()
@click.argument("name")
@placed
@pass_caller
def get(caller: Caller, name: str) -> None:
    """One resource: state, health with its reasons, outputs, bindings."""
    found = targets.find(caller, name)
    reasons = [f"{r['message']} ({r['code']})" for r in found["health"].get("reasons", [])]
    lines = [
        ("name", f"{found['service']}/{found['environment']}/{found['name']}"),
        ("offering", found["offering"]),
        ("plan", found["plan"]),
        ("state", found["state"]),
        ("health", found["health"]["status"]),
        *[("", reason) for reason in reasons],
        ("protected", found.get("protected") or None),
        *[(key, value) for key, value in found["outputs"].items()],
        ("parameters", {k: v for k, v in found["parameters"].items() if v not in ("", [], {})}),
        ("bindings", found["bindings"]),
        ("a month", output.money(found["price"])),
        ("age", output.age(found["created_at"])),
        ("run", found.get("active_run") and output.short(found["active_run"])),
        ("id", found["id"]),
    ]
    output.one(caller.format, found, lines)
