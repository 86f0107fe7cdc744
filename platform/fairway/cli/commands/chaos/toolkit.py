"""`fairway chaos import`: experiments of Chaos Toolkit."""

import click

from fairway.cli import definitions, output, targets
from fairway.cli.caller import Caller, pass_caller, placed
from fairway.cli.failure import usage


@click.command("import")
@click.argument("file")
@click.option("--resource", default="", metavar="NAME", help="Which resource, where the label selector does not say.")
@click.option("--keep", default="", metavar="NAME", help="Keep it in Fairway under this name, for `chaos run NAME`.")
@placed
@pass_caller
def import_experiment(caller: Caller, file: str, resource: str, keep: str) -> None:
    """Translate an experiment of Chaos Toolkit and print it; what cannot be honoured is refused by name."""
    document = definitions.load(file)
    if not definitions.is_toolkit(document):
        raise usage(f"{file} is no experiment of Chaos Toolkit: it has no list `method`")
    definition = definitions.convert(document, resource)
    if not keep:
        output.document("yaml" if caller.format == "table" else caller.format, definition)
        return
    identity = targets.find(caller, definition["resource"])["id"]
    kept = caller.client.post("/experiments", {"name": keep, "definition": {**definition, "resource": identity}})
    if caller.format == "table":
        click.echo(f"Kept as {kept['name']}: `fairway chaos run {kept['name']}` runs it.", err=True)
    else:
        output.document(caller.format, kept)
