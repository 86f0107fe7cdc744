"""`fairway team`: teams, who is in them, and invitations."""

from typing import Any

import click

from fairway.cli import output
from fairway.cli.caller import Caller, common, pass_caller
from fairway.cli.groups import NounGroup

ROLE = click.Choice(["viewer", "member", "owner"])


@click.group(cls=NounGroup)
def team() -> None:
    """List, show and make teams; say who is in them; invite people."""


@team.command("list")
@common
@pass_caller
def list_teams(caller: Caller) -> None:
    """Your teams."""
    columns: list[output.Column] = [
        ("name", lambda r: r["name"]),
        ("title", lambda r: r["title"]),
        ("budget a month", lambda r: output.money(r["budget_monthly"])),
        ("age", lambda r: output.age(r["created_at"])),
    ]
    output.rows(caller.format, caller.client.get("/teams"), columns, "You are in no team yet.")


@team.command("show")
@click.argument("name")
@common
@pass_caller
def show_team(caller: Caller, name: str) -> None:
    """A team and its members."""
    found = caller.client.get(f"/teams/{name}")
    members = caller.client.get(f"/teams/{name}/members")
    lines = [
        ("name", found["name"]),
        ("title", found["title"]),
        ("budget a month", output.money(found["budget_monthly"])),
        ("members", [f"{m['name']} ({m['role']})" for m in members]),
    ]
    output.one(caller.format, {**found, "members": members}, lines)


@team.command("create")
@click.argument("name")
@click.option("--title", default="", help="How people call it.")
@click.option("--budget", type=click.FloatRange(0), help="The most that it may spend a month.")
@common
@pass_caller
def create_team(caller: Caller, name: str, title: str, budget: float | None) -> None:
    """Make a team; you are its owner."""
    cents = None if budget is None else round(budget * 100)
    found = caller.client.post("/teams", {"name": name, "title": title, "budget_monthly": cents})
    _show(caller, found)


@team.command("change")
@click.argument("name")
@click.option("--title", help="How people call it.")
@click.option("--budget", type=click.FloatRange(0), help="The most that it may spend a month.")
@click.option("--no-budget", is_flag=True, help="No limit.")
@common
@pass_caller
def change_team(caller: Caller, name: str, title: str | None, budget: float | None, no_budget: bool) -> None:
    """Change a team's title or budget."""
    answer = caller.client.ask("GET", f"/teams/{name}")
    body = {"title": answer.document["title"], "budget_monthly": answer.document["budget_monthly"]}
    if title is not None:
        body["title"] = title
    if budget is not None or no_budget:
        body["budget_monthly"] = None if budget is None else round(budget * 100)
    version = {"If-Match": answer.headers.get("etag", "*")}
    _show(caller, caller.client.ask("PATCH", f"/teams/{name}", body, headers=version).document)


@team.command("role")
@click.argument("name")
@click.argument("person")
@click.argument("role", type=ROLE)
@common
@pass_caller
def set_role(caller: Caller, name: str, person: str, role: str) -> None:
    """Set what a person may do in a team; somebody who was not in it is now."""
    caller.client.ask("PUT", f"/teams/{name}/members/{person}", {"role": role})
    click.echo(f"{person} is {role} of {name}.", err=True)


@team.command("remove")
@click.argument("name")
@click.argument("person")
@common
@pass_caller
def remove_member(caller: Caller, name: str, person: str) -> None:
    """Take a person out of a team."""
    caller.client.ask("DELETE", f"/teams/{name}/members/{person}")
    click.echo(f"{person} is not in {name} any more.", err=True)


@team.command("invite")
@click.argument("name")
@click.option("--role", type=ROLE, default="member", show_default=True)
@common
@pass_caller
def invite(caller: Caller, name: str, role: str) -> None:
    """Print a link that lets one person join, within a week."""
    made = caller.client.post(f"/teams/{name}/invitations", {"role": role})
    if caller.format == "table":
        click.echo(made["url"])
    else:
        output.document(caller.format, made)


def _show(caller: Caller, found: dict[str, Any]) -> None:
    lines = [("name", found["name"]), ("title", found["title"])]
    output.one(caller.format, found, [*lines, ("budget a month", output.money(found["budget_monthly"]))])
