"""`fairway catalog`: what can be provisioned."""

from collections.abc import Mapping
from typing import Any

import click

from fairway.cli import output
from fairway.cli.caller import Caller, common, pass_caller


@click.command()
@click.argument("offering", required=False)
@common
@pass_caller
def catalog(caller: Caller, offering: str | None) -> None:
    """What can be provisioned, with plans, prices and parameters."""
    if offering:
        _show(caller, caller.client.get(f"/offerings/{offering}"))
        return
    columns: list[output.Column] = [
        ("name", lambda r: r["name"]),
        ("plans", lambda r: [f"{p['name']} {output.money(p['price'])}" for p in r["plans"]]),
        ("summary", lambda r: r["summary"]),
    ]
    output.rows(caller.format, caller.client.get("/offerings"), columns, "The catalog is empty.")


def _show(caller: Caller, found: Mapping[str, Any]) -> None:
    if caller.format != "table":
        output.document(caller.format, found)
        return
    click.echo(f"{found['title']}: {found['summary']}\n")
    plans = [[p["name"], output.money(p["price"]), output.cell(p["resources"]), p["summary"]] for p in found["plans"]]
    output.table(["plan", "a month", "size", "for"], plans)
    click.echo()
    required = found["parameters"].get("required", [])
    properties = found["parameters"].get("properties", {})
    body = [
        [name, _kind(schema), _default(name, schema, required), _words(schema)] for name, schema in properties.items()
    ]
    output.table(["parameter", "type", "default", "what"], body)


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return "|".join(str(v) for v in schema["enum"])
    low, high = schema.get("minimum"), schema.get("maximum")
    span = f" {low}..{high}" if low is not None and high is not None else ""
    return f"{schema.get('type', 'string')}{span}"


def _default(name: str, schema: Mapping[str, Any], required: list[str]) -> str:
    return "(required)" if name in required else output.cell(schema.get("default"))


def _words(schema: Mapping[str, Any]) -> str:
    fixed = "Fixed once created." if schema.get("x-immutable") else ""
    return output.cell(" ".join(filter(None, [schema.get("description") or schema.get("title", ""), fixed])))
