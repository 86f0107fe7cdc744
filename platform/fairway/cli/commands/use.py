"""`fairway use`: the service and environment of the commands to come."""

import click

from fairway.cli import config, output
from fairway.cli.caller import Caller, pass_caller, placed


@click.command()
@click.argument("service", required=False)
@click.argument("environment", required=False)
@click.option("--clear", is_flag=True, help="Forget both.")
@placed
@pass_caller
def use(caller: Caller, service: str | None, environment: str | None, clear: bool) -> None:
    """Set the service and environment for later commands, or show them."""
    service, environment = service or caller.service_option, environment or caller.environment_option
    if clear:
        config.keep("use", {})
    elif service or environment:
        config.keep("use", {**config.section("use"), **_known(caller, service, environment)})
    now = {"service": caller.service or None, "environment": caller.environment or None}
    output.one(caller.format, now, now.items())


def _known(caller: Caller, service: str, environment: str) -> dict[str, str]:
    """Only what the server knows: a typing error shall show now."""
    found = {}
    if service:
        found["service"] = str(caller.client.get(f"/services/{service}")["name"])
    if environment:
        found["environment"] = str(caller.client.get(f"/environments/{environment}")["name"])
    return found
