"""`fairway deploy`: a program, created or changed."""

import shlex
from typing import Any

import click

from fairway.cli import changes, targets, values
from fairway.cli.caller import Caller, pass_caller, placed
from fairway.cli.failure import usage

KIND = "deployment"


@click.command()
@click.argument("name")
@click.option("--image", help="The image with its tag, such as fairway/demo:1.")
@click.option("--replicas", type=int, help="How many pods.")
@click.option("--port", type=int, help="Where it listens; 0 when it does not.")
@click.option("--plan", default="", help="The size of each replica.")
@click.option("--var", "variables", multiple=True, metavar="KEY=VALUE", help="An environment variable.")
@click.option("--command", "words", help='Instead of the image\'s own, such as "python /app/main.py".')
@click.option("--files", type=click.Path(exists=True, file_okay=False), help="A folder of text files, up to 1 MiB.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any other parameter.")
@click.option("--bind", multiple=True, metavar="NAME", help="A resource that it uses.")
@click.option("--unbind", multiple=True, metavar="NAME", help="One that it does not use any more.")
@changes.consent
@placed
@pass_caller
def deploy(
    caller: Caller,
    /,
    name: str,
    plan: str,
    variables: tuple[str, ...],
    settings: tuple[str, ...],
    bind: tuple[str, ...],
    unbind: tuple[str, ...],
    yes: bool,
    no_wait: bool,
    **given: Any,
) -> None:
    """Deploy an image under a name: what is there is changed, what is not is created."""
    environment, kind = caller.need_environment(), caller.client.get(f"/offerings/{KIND}")
    service = targets.settle_service(caller, yes)
    found = targets.present(caller, service, environment, name)
    if found and found["offering"] != KIND:
        raise usage(f"{name} is of kind {found['offering']}", "Choose another name.")
    before = {**found, **(found.get("desired") or {})} if found else {"parameters": {}, "bindings": []}
    parameters = values.parse(settings, kind["parameters"], before["parameters"]) | _parameters(given)
    if variables:
        kept = parameters.get("variables") or before["parameters"].get("variables") or {}
        parameters["variables"] = {**kept, **values.pairs("--var", variables)}
    wish: dict[str, Any] = {"parameters": parameters}
    if bind or unbind or not found:
        wish["bindings"] = changes.rebound(before["bindings"], bind, unbind)
    if found:
        wish |= {"operation": "update", "resource": found["id"]} | ({"plan": plan} if plan else {})
        question = f"Change {name} in {service}/{environment}?"
    else:
        wish |= {"operation": "create", "service": service, "environment": environment, "name": name, "offering": KIND}
        wish["plan"] = plan or kind["plans"][0]["name"]
        question = f"Deploy {name} in {service}/{environment}?"
    changes.carry_out(caller, wish, question, yes=yes, wait=not no_wait)


def _parameters(given: dict[str, Any]) -> dict[str, Any]:
    found = {key: given[key] for key in ("image", "replicas", "port") if given[key] is not None}
    if given["words"] is not None:
        found["command"] = shlex.split(given["words"])
    if given["files"] is not None:
        found["files"] = values.folder(given["files"])
    return found
