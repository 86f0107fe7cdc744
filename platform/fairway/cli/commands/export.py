"""`fairway export`: resources as files that `fairway apply` takes."""

import click

from fairway.cli import manifests, output, targets
from fairway.cli.caller import Caller, pass_caller, placed
from fairway.cli.failure import usage

GOING = ("destroying", "destroyed")


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--portable", is_flag=True, help="Without service and environment, to be applied elsewhere.")
@placed
@pass_caller
def export(caller: Caller, names: tuple[str, ...], portable: bool) -> None:
    """Write resources as `apply` reads them: those named, or all of the service and environment."""
    place = {"service": caller.service, "environment": caller.environment}
    if names:
        rows = [targets.find(caller, name) for name in names]
    else:
        rows = [r for r in caller.client.pages("/resources", targets.MOST, **place) if r["state"] not in GOING][::-1]
    if portable and len({(row["service"], row["environment"]) for row in rows}) > 1:
        raise usage("--portable: these are of several services or environments", "Add -s NAME and -e NAME.")
    offerings = {row["name"]: row for row in caller.client.get("/offerings")}
    found = [manifests.document(row, offerings.get(row["offering"]), portable) for row in rows]
    if not found:
        click.echo("Nothing is here to be exported.", err=True)
    elif caller.format == "json":
        output.document("json", found)
    else:
        output.documents(found)
