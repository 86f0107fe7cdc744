"""`fairway service`: the software that teams own."""

import click

from fairway.cli import output
from fairway.cli.caller import Caller, common, pass_caller
from fairway.cli.groups import NounGroup


@click.group(cls=NounGroup)
def service() -> None:
    """List, show, make, describe and delete services."""


@service.command("list")
@common
@pass_caller
def list_services(caller: Caller) -> None:
    """The services of your teams."""
    columns: list[output.Column] = [
        ("name", lambda r: r["name"]),
        ("team", lambda r: r["team"]),
        ("summary", lambda r: r["summary"]),
        ("age", lambda r: output.age(r["created_at"])),
    ]
    found = caller.client.get("/services")
    output.rows(caller.format, found, columns, "No services yet. `fairway service create NAME` makes one.")


@service.command("show")
@click.argument("name")
@common
@pass_caller
def show_service(caller: Caller, name: str) -> None:
    """One service."""
    _show(caller, caller.client.get(f"/services/{name}"))


@service.command("create")
@click.argument("name")
@click.option("--team", default="", help="Needed when you are in more than one.")
@click.option("--summary", default="", help="What it is, in a sentence.")
@common
@pass_caller
def create_service(caller: Caller, name: str, team: str, summary: str) -> None:
    """Make a service."""
    _show(caller, caller.client.post("/services", {"name": name, "team": team, "summary": summary}))


@service.command("describe")
@click.argument("name")
@click.argument("summary")
@common
@pass_caller
def describe_service(caller: Caller, name: str, summary: str) -> None:
    """Change the sentence that says what it is."""
    _show(caller, caller.client.ask("PATCH", f"/services/{name}", {"summary": summary}).document)


@service.command("delete")
@click.argument("name")
@common
@pass_caller
def delete_service(caller: Caller, name: str) -> None:
    """Delete a service in which nothing lives and nothing ever did."""
    caller.client.ask("DELETE", f"/services/{name}")
    click.echo(f"Deleted {name}.", err=True)


def _show(caller: Caller, found: dict[str, str]) -> None:
    fields = ("name", "team", "summary", "created_at")
    output.one(caller.format, found, [(field.replace("_", " "), found[field]) for field in fields])
