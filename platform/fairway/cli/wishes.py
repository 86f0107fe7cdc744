"""What is to change about a resource, from the options of a command."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from fairway.cli import changes, values
from fairway.cli.caller import Caller

F = TypeVar("F", bound=Callable[..., Any])


def options(function: F) -> F:
    """Adds --plan, --set, --unset, --bind and --unbind."""
    for add in (
        click.option("--unbind", multiple=True, metavar="NAME", help="A resource that it does not use any more."),
        click.option("--bind", multiple=True, metavar="NAME", help="One more resource that it uses."),
        click.option("--unset", multiple=True, metavar="KEY", help="A parameter that takes its default again."),
        click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A parameter."),
        click.option("--plan", default="", help="The size."),
    ):
        function = add(function)
    return function


def update(
    caller: Caller,
    found: Mapping[str, Any],
    plan: str,
    settings: tuple[str, ...],
    unset: tuple[str, ...],
    bind: tuple[str, ...],
    unbind: tuple[str, ...],
) -> dict[str, Any]:
    """The body of a preview; only what is to change is in it."""
    present = {**found, **(found.get("desired") or {})}
    parameters: dict[str, Any] = {}
    if settings:
        schema = caller.client.get(f"/offerings/{found['offering']}")["parameters"]
        parameters = values.parse(settings, schema, present["parameters"])
    wish: dict[str, Any] = {"operation": "update", "resource": found["id"]}
    if plan:
        wish["plan"] = plan
    if parameters or unset:
        wish["parameters"] = {**parameters, **dict.fromkeys(unset)}
    if bind or unbind:
        wish["bindings"] = changes.rebound(present["bindings"], bind, unbind)
    return wish
