"""`fairway list`."""

import click

from fairway.cli import output
from fairway.cli.caller import Caller, pass_caller, placed


@click.command("list")
@click.option("--offering", help="Only of this kind.")
@click.option("--state", help="Only in this state, such as failed.")
@click.option("--all", "everywhere", is_flag=True, help="Whatever `fairway use` says.")
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True)
@placed
@pass_caller
def list_resources(caller: Caller, offering: str | None, state: str | None, everywhere: bool, limit: int) -> None:
    """The resources of your teams."""
    columns: list[output.Column] = [
        ("service", lambda r: r["service"]),
        ("env", lambda r: r["environment"]),
        ("name", lambda r: r["name"]),
        ("offering", lambda r: r["offering"]),
        ("plan", lambda r: r["plan"]),
        ("state", lambda r: r["state"]),
        ("health", lambda r: r["health"]["status"]),
        ("a month", lambda r: output.money(r["price"])),
        ("age", lambda r: output.age(r["created_at"])),
    ]
    place = {} if everywhere else {"service": caller.service, "environment": caller.environment}
    found = caller.client.pages("/resources", limit, offering=offering, state=state, **place)
    empty = "Nothing here yet. `fairway catalog` shows what there is to create."
    output.rows(caller.format, found, columns, empty)
