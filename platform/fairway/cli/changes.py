"""The way of every change: preview, question, run, progress, outcome."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from fairway.cli import followers, output, previews, progress
from fairway.cli.caller import Caller
from fairway.cli.failure import usage

F = TypeVar("F", bound=Callable[..., Any])


def consent(function: F) -> F:
    """Adds --yes and --no-wait."""
    for add in (
        click.option("--no-wait", is_flag=True, help="Do not wait for its end."),
        click.option("--yes", "-y", is_flag=True, help="Do not ask."),
    ):
        function = add(function)
    return function


def carry_out(
    caller: Caller,
    wish: Mapping[str, Any],
    question: str,
    *,
    yes: bool,
    wait: bool,
    extra: Mapping[str, Any] | None = None,
    noun: str = "",
) -> None:
    """wish: the body of a preview; one with a `resource` changes that one. extra: goes along with the run. noun: what
    the resource is sent in place of a run that names its operation."""
    if wish.get("resource"):
        refuse_unused(wish)
    preview = previews.ask(caller, wish)
    if wish["operation"] == "update" and previews.is_idle(preview):
        click.echo("Nothing would change.", err=True)
        _tell(caller, str(wish["resource"]))
        return
    if not yes or caller.format == "table":
        previews.show(preview)
    previews.confirm(question, yes)
    finish(caller, start(caller, wish, preview, extra, noun), wait)


def start(
    caller: Caller,
    wish: Mapping[str, Any],
    preview: Mapping[str, Any],
    extra: Mapping[str, Any] | None = None,
    noun: str = "",
) -> str:
    """The run of what was shown; the rest as in carry_out."""
    path = f"/resources/{wish['resource']}/{noun or 'runs'}" if wish.get("resource") else "/resources"
    named = {} if noun else {"operation": wish["operation"]}
    answer = caller.client.ask("POST", path, {**named, "preview": preview["id"], **(extra or {})})
    return run_of(answer.headers, answer.document)


def finish(caller: Caller, run_id: str, wait: bool) -> None:
    """Follows the run and what follows that, and prints the resource as it is then; without waiting the run."""
    if wait:
        _tell(caller, follow(caller, run_id)["resource"]["id"])
        return
    run = caller.client.get(f"/runs/{run_id}")
    if caller.format == "table":
        click.echo(run["id"])
    else:
        output.document(caller.format, run)


def follow(caller: Caller, run_id: str) -> dict[str, Any]:
    """The run once it and what follows it have ended, or wait for another person. Raises Failure for any other end
    than success."""
    run = progress.follow(caller, run_id)
    progress.conclude(run)
    followers.follow(caller, run)
    return run


def run_of(headers: Mapping[str, str], document: Mapping[str, Any]) -> str:
    """The id of the run that an answer began."""
    location = headers.get("location", "")
    if "/runs/" in location:
        return location.rsplit("/", 1)[-1]
    run = document.get("run", document["id"])
    return str(run["id"] if isinstance(run, Mapping) else run)


def refuse_unused(wish: Mapping[str, Any]) -> None:
    if (
        wish["operation"] == "update"
        and not any(wish.get(k) for k in ("plan", "parameters"))
        and "bindings" not in wish
    ):
        raise usage("Say what is to change", "--plan, --set, --bind or --unbind.")


def rebound(present: list[str], bind: tuple[str, ...], unbind: tuple[str, ...]) -> list[str]:
    """The bindings as they are to be."""
    unknown = [name for name in unbind if name not in present]
    if unknown:
        raise usage(f"It is not bound to {', '.join(unknown)}", f"It is bound to {', '.join(present) or 'nothing'}.")
    return [n for n in present if n not in unbind] + [n for n in bind if n not in present]


def _tell(caller: Caller, resource_id: str) -> None:
    found = caller.client.get(f"/resources/{resource_id}")
    if caller.format != "table":
        output.document(caller.format, found)
        return
    click.echo(f"{found['service']}/{found['environment']}/{found['name']}  {output.paint(found['state'])}")
