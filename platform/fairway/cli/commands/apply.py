"""`fairway apply` and `diff`: resources as files say them."""

from collections.abc import Sequence
from typing import Any

import click

from fairway.cli import applying, changes, manifests, output, planned, previews, targets
from fairway.cli.caller import Caller, pass_caller, placed
from fairway.cli.failure import FAILED, Failure

from_files = click.option(
    "-f",
    "--file",
    "files",
    multiple=True,
    required=True,
    metavar="FILE",
    help="YAML or JSON; a folder; - for standard input.",
)


@click.command()
@from_files
@changes.consent
@placed
@pass_caller
def apply(caller: Caller, files: tuple[str, ...], yes: bool, no_wait: bool) -> None:
    """Create and change resources until they are what files say. None is destroyed."""
    found = _read(caller, files)
    planner = planned.look(caller, found)
    made = planner.new_services
    if made:
        _make_services(caller, made, yes)
        planner = planned.look(caller, found)
    plan = _plan(planner, made)
    if not yes or caller.format == "table":
        planned.show(plan)
    number = sum(one.outcome != "unchanged" for one in plan)
    if number:
        previews.confirm(f"Apply {number} change{'s' if number > 1 else ''}?", yes)
    outcomes = applying.carry_out(caller, found, plan, wait=not no_wait)
    if caller.format == "table":
        for one in outcomes:
            click.echo(f"{one.manifest.path}  {output.paint(one.word)}")
    else:
        output.document(caller.format, [one.document() for one in outcomes])
    bad = ", ".join(one.manifest.path for one in outcomes if one.is_bad)
    if bad:
        raise Failure(f"Not as the files say: {bad}", "Apply them again when the cause is mended.", code=FAILED)


@click.command()
@from_files
@click.option("--exit-code", is_flag=True, help="End with 1 when something would change.")
@placed
@pass_caller
def diff(caller: Caller, files: tuple[str, ...], exit_code: bool) -> int:
    """Show what `apply` would do, and change nothing."""
    plan = _plan(planned.look(caller, _read(caller, files)))
    if caller.format == "table":
        planned.show(plan, to_stderr=False)
    else:
        output.document(caller.format, [_difference(one) for one in plan])
    return FAILED if exit_code and any(one.outcome != "unchanged" for one in plan) else 0


def _read(caller: Caller, files: tuple[str, ...]) -> list[manifests.Manifest]:
    """What the command says itself, no file may say otherwise; what variables and `fairway use` say is for files that
    say nothing. Raises Failure, also for bindings in a circle."""
    place = {"service": caller.service, "environment": caller.environment}
    said = {"service": caller.service_option, "environment": caller.environment_option}
    found = manifests.read(files, place, [key for key, value in said.items() if value])
    manifests.waves(found)
    return found


def _plan(planner: planned.Planner, made: Sequence[str] = ()) -> list[planned.Planned]:
    """Raises Failure when one could not be applied: then none is. made: services that were made before."""
    plan, wrong = planner.all()
    for manifest, failure in wrong:
        click.echo(f"{manifest.path}: {failure.line()}", err=True)
    if wrong:
        codes = {failure.code for _, failure in wrong}
        raise Failure(
            f"{len(wrong)} of {len(planner.manifests)} cannot be applied",
            "Nothing was changed" + (f", but {', '.join(made)} was made." if made else "."),
            code=codes.pop() if len(codes) == 1 else FAILED,
        )
    return plan


def _make_services(caller: Caller, names: Sequence[str], yes: bool) -> None:
    previews.confirm(f"There is no service {', '.join(names)}. Make {'it' if len(names) == 1 else 'them'}?", yes)
    for name in names:
        targets.make_service(caller, name)


def _difference(one: planned.Planned) -> dict[str, Any]:
    later = list(one.later)
    return {**one.manifest.place, "outcome": one.outcome, "binds_later": later, "preview": one.preview}
