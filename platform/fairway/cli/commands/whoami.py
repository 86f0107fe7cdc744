"""`fairway whoami`."""

import click

from fairway.cli import output
from fairway.cli.caller import Caller, common, pass_caller


@click.command()
@common
@pass_caller
def whoami(caller: Caller) -> None:
    """Who you are, on which server, in which teams."""
    me = caller.client.get("/whoami")
    lines = [
        ("name", me["name"] + (" (admin)" if me["admin"] else "")),
        ("teams", [f"{team} ({role})" for team, role in me["teams"].items()]),
        ("scopes", me["scopes"]),
        ("server", caller.client.url),
        ("by", caller.connection.source),
    ]
    output.one(caller.format, me, lines)
