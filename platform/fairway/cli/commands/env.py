"""`fairway env`: environments, their clusters and policies."""

from typing import Any

import click

from fairway.cli import output
from fairway.cli.caller import Caller, common, pass_caller
from fairway.cli.failure import usage
from fairway.cli.groups import NounGroup

POLICY = ("protected", "approval", "chaos", "quota_resources", "quota_monthly")


@click.group(cls=NounGroup)
def env() -> None:
    """List, show and make environments; set their policy; list clusters."""


@env.command("list")
@common
@pass_caller
def list_environments(caller: Caller) -> None:
    """All environments."""
    columns: list[output.Column] = [
        ("name", lambda r: r["name"]),
        ("cluster", lambda r: r["cluster"]),
        ("protected", lambda r: r["protected"]),
        ("approval", lambda r: r["approval"]),
        ("chaos", lambda r: r["chaos"]),
        ("resources a team", lambda r: r["quota_resources"]),
        ("cost a month a team", lambda r: output.money(r["quota_monthly"])),
    ]
    output.rows(caller.format, caller.client.get("/environments"), columns, "No environments yet.")


@env.command("show")
@click.argument("name")
@common
@pass_caller
def show_environment(caller: Caller, name: str) -> None:
    """One environment."""
    _show(caller, caller.client.get(f"/environments/{name}"))


@env.command("create")
@click.argument("name")
@click.option("--cluster", required=True, help="`fairway env clusters` lists them.")
@click.option("--protected", is_flag=True, help="What lives there is protected against destruction.")
@click.option("--approval", is_flag=True, help="Another person approves changes.")
@click.option("--chaos", is_flag=True, help="Experiments may run there.")
@common
@pass_caller
def create_environment(caller: Caller, name: str, cluster: str, protected: bool, approval: bool, chaos: bool) -> None:
    """Make an environment on a cluster."""
    body = {"name": name, "cluster": cluster, "protected": protected, "approval": approval, "chaos": chaos}
    _show(caller, caller.client.post("/environments", body))


@env.command("policy")
@click.argument("name")
@click.option("--protected/--no-protected", default=None, help="Protected against destruction.")
@click.option("--approval/--no-approval", default=None, help="Another person approves changes.")
@click.option("--chaos/--no-chaos", default=None, help="Experiments may run there.")
@click.option("--resources", metavar="N", help="Resources that a team may have there, or `none`.")
@click.option("--monthly", metavar="AMOUNT", help="What a team may spend there a month, or `none`.")
@common
@pass_caller
def set_policy(caller: Caller, /, name: str, resources: str | None, monthly: str | None, **flags: bool | None) -> None:
    """Change the rules of an environment."""
    answer = caller.client.ask("GET", f"/environments/{name}")
    policy = {field: answer.document[field] for field in POLICY}
    policy |= {field: value for field, value in flags.items() if value is not None}
    if resources is not None:
        policy["quota_resources"] = _amount("--resources", resources, 1)
    if monthly is not None:
        policy["quota_monthly"] = _amount("--monthly", monthly, 100)
    version = {"If-Match": answer.headers.get("etag", "*")}
    _show(caller, caller.client.ask("PUT", f"/environments/{name}/policy", policy, headers=version).document)


@env.command("clusters")
@common
@pass_caller
def list_clusters(caller: Caller) -> None:
    """The clusters and whether they answer."""
    columns: list[output.Column] = [
        ("name", lambda r: r["name"]),
        ("kind", lambda r: "sandbox" if r["sandbox"] else "kubernetes"),
        ("reachable", lambda r: r["reachable"]),
        ("why not", lambda r: r["unreachable_reason"]),
    ]
    output.rows(caller.format, caller.client.get("/clusters"), columns, "No cluster is known yet.")


def _amount(option: str, value: str, factor: int) -> int | None:
    if value == "none":
        return None
    try:
        return round(float(value) * factor)
    except ValueError as error:
        raise usage(f"{option}: {value!r} is no number", "Write one such as 50, or `none` for no limit.") from error


def _show(caller: Caller, found: dict[str, Any]) -> None:
    lines = [(field, found[field]) for field in ("name", "cluster", "protected", "approval", "chaos")]
    lines += [("resources a team", found["quota_resources"])]
    lines += [("cost a month a team", found["quota_monthly"] and output.money(found["quota_monthly"]))]
    output.one(caller.format, found, lines)
