"""`fairway create`."""

import click

from fairway.cli import changes, targets, values
from fairway.cli.caller import Caller, pass_caller, placed


@click.command()
@click.argument("offering")
@click.argument("name")
@click.option("--plan", default="", help="The size; without it the smallest.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A parameter; `fairway catalog OFFERING`.")
@click.option("--bind", multiple=True, metavar="NAME", help="A resource that it uses.")
@changes.consent
@placed
@pass_caller
def create(
    caller: Caller,
    offering: str,
    name: str,
    plan: str,
    settings: tuple[str, ...],
    bind: tuple[str, ...],
    yes: bool,
    no_wait: bool,
) -> None:
    """Create a resource of an offering."""
    kind = caller.client.get(f"/offerings/{offering}")
    environment = caller.need_environment()
    wish = {
        "operation": "create",
        "service": targets.settle_service(caller, yes),
        "environment": environment,
        "name": name,
        "offering": offering,
        "plan": plan or kind["plans"][0]["name"],
        "parameters": values.parse(settings, kind["parameters"]),
        "bindings": list(bind),
    }
    question = f"Create {offering} {name} in {wish['service']}/{environment}?"
    changes.carry_out(caller, wish, question, yes=yes, wait=not no_wait)
