"""`fairway token`: API tokens of one's own."""

import click

from fairway.cli import output
from fairway.cli.caller import Caller, common, pass_caller
from fairway.cli.failure import NOT_FOUND, Failure, usage
from fairway.cli.groups import NounGroup


@click.group(cls=NounGroup)
def token() -> None:
    """List, make and revoke API tokens."""


@token.command("list")
@common
@pass_caller
def list_tokens(caller: Caller) -> None:
    """Your tokens; their secrets are not kept."""
    columns: list[output.Column] = [
        ("id", lambda r: output.short(r["id"])),
        ("name", lambda r: r["name"]),
        ("begins", lambda r: r["hint"]),
        ("scopes", lambda r: r["scopes"]),
        ("state", lambda r: "revoked" if r["revoked_at"] else "live"),
        ("expires", lambda r: (r["expires_at"] or "never")[:10]),
        ("last used", lambda r: output.age(r["last_used_at"])),
    ]
    output.rows(caller.format, caller.client.get("/tokens"), columns, "No tokens yet.")


@token.command("create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(["read", "write", "admin"]))
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="How long it lasts.")
@click.option("--forever", is_flag=True, help="It never expires.")
@common
@pass_caller
def create_token(caller: Caller, name: str, scopes: tuple[str, ...], days: int, forever: bool) -> None:
    """Make a token and print its secret, this once. Without --scope: read and write."""
    body = {"name": name, "scopes": list(scopes) or ["read", "write"], "days": None if forever else days}
    made = caller.client.post("/tokens", body)
    if caller.format == "table":
        click.echo(made["token"])
        click.echo("It is not shown again.", err=True)
    else:
        output.document(caller.format, made)


@token.command("revoke")
@click.argument("token")
@common
@pass_caller
def revoke_token(caller: Caller, token: str) -> None:
    """Revoke a token, by its id or name."""
    live = [t for t in caller.client.get("/tokens") if not t["revoked_at"]]
    found = [t for t in live if token in (t["id"], t["name"], output.short(t["id"]))]
    if not found:
        raise Failure(f"There is no live token {token} of yours", "`fairway token list` shows them.", code=NOT_FOUND)
    if len(found) > 1:
        raise usage(f"{len(found)} live tokens are named {token}", "Name it by its id: `fairway token list`.")
    caller.client.ask("DELETE", f"/tokens/{found[0]['id']}")
    click.echo(f"Revoked {found[0]['name']}.", err=True)
