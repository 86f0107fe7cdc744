"""A trial: asked for, previewed, followed to its verdict."""

import sys
from collections.abc import Mapping
from typing import Any

import click

from fairway.cli import following, output, previews, timeline, verdicts
from fairway.cli.caller import Caller
from fairway.cli.failure import REFUSED, Failure, usage

MARKS = {"clear": "✓", "note": "!", "stop": "✗"}
COLOURS = {"note": "yellow", "stop": "red"}


def start(caller: Caller, spec: Mapping[str, Any], *, yes: bool, wait: bool) -> None:
    """Previews and asks unless `yes`; then one request starts it. Raises Failure for a verdict other than PASS."""
    wish = dict(spec) if yes else _agreed(caller, spec)
    trial = caller.client.post("/trials", wish)
    if wait:
        conclude(caller, follow(caller, trial["id"]))
    elif caller.format == "table":
        click.echo(trial["id"])
    else:
        output.document(caller.format, trial)


def preview(caller: Caller, spec: Mapping[str, Any]) -> dict[str, Any]:
    """What it would do now. Raises Failure (usage, refused...) where the server does."""
    found: dict[str, Any] = caller.client.post("/trial-previews", spec)
    return found


def show_preview(found: Mapping[str, Any], to_stderr: bool = True) -> None:
    """Victims, then what was looked at."""
    victims = sum(1 for pod in found["pods"] if pod["victim"])
    workload = found["workload"]
    total = f"{victims} of {workload['ready']} ready pods ({workload['desired']} desired)"
    click.echo(f"{found['name']}: {found['method']} of {total}, seed {found['seed']}", err=to_stderr)
    reasons = {item["pod"]: item["reason"] for item in found["excluded"]}
    for pod in found["pods"]:
        why = f"  is to be killed ({found['method']})" if pod["victim"] else f"  {reasons.get(pod['pod'], '')}"
        line = output.plain(f"  {'✗' if pod['victim'] else ' '} {pod['pod']}{why}".rstrip())
        click.echo(click.style(line, fg="red") if pod["victim"] else line, err=to_stderr)
    for check in found["checks"]:
        line = output.plain(f"  {MARKS.get(check['state'], ' ')} {check['name']}: {check['detail']}")
        colour = COLOURS.get(check["state"])
        click.echo(click.style(line, fg=colour) if colour else line, err=to_stderr)


def refuse(found: Mapping[str, Any]) -> None:
    """Raises Failure for a preview that says that the trial would be refused."""
    if found["refusal"]:
        down = any(c["name"] == "ceiling" and c["state"] == "stop" for c in found["checks"])
        raise Failure(f"Refused: {found['refusal']}", verdicts.ON_PURPOSE if down else "", code=REFUSED)


def follow(caller: Caller, trial_id: str) -> dict[str, Any]:
    """The trial's document once it has ended."""
    name = output.short(trial_id)
    hint = f"`fairway chaos watch {name}` looks again, `fairway chaos abort {name}` ends it."
    return following.follow(
        caller,
        f"/trials/{trial_id}",
        timeline.Timeline(),
        is_over=lambda trial: trial["ended_at"] is not None,
        is_last=lambda event: event.kind == "done",
        goes_on=("Stopped watching; the trial goes on", hint),
    )


def conclude(caller: Caller, trial: Mapping[str, Any]) -> None:
    """Prints what came out. Raises Failure for a verdict other than PASS."""
    if caller.format == "table":
        output.one("table", trial, verdicts.lines(trial))
    else:
        output.document(caller.format, trial)
    verdicts.check(trial)


def _agreed(caller: Caller, spec: Mapping[str, Any]) -> dict[str, Any]:
    """With the seed that was shown, so that those are killed who were shown, and with what was typed."""
    found = preview(caller, spec)
    show_preview(found)
    refuse(found)
    seed = found["seed"]
    shown = {"seed": seed} if "experiment" in spec else {"action": {**(spec.get("action") or {}), "seed": seed}}
    wish = {**spec, **shown}
    if found["confirm"] and not spec.get("confirm"):
        if not sys.stdin.isatty():
            raise usage("Nobody is there to type what goes down", f"Say --confirm {found['confirm']} --yes.")
        typed = click.prompt(f"This may take all of it down. Type {found['confirm']} to go on", err=True)
        return {**wish, "confirm": typed}
    victims = sum(1 for pod in found["pods"] if pod["victim"])
    previews.confirm(f"Kill {victims} pod{'' if victims == 1 else 's'} of {found['name']}?", yes=False)
    return wish
