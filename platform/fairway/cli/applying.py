"""Applying what is planned, wave by wave: what is bound is there before what binds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import click

from fairway.cli import changes, followers, manifests, progress
from fairway.cli.caller import Caller
from fairway.cli.failure import CONFLICT, INTERRUPTED, Failure
from fairway.cli.manifests import Manifest
from fairway.cli.planned import Planned, Planner

DONE = {"create": "created", "change": "changed"}
BAD = ("failed", "skipped")


@dataclass(frozen=True)
class Outcome:
    """word: `created`, `changed`, `unchanged`, `requested`, `awaiting approval`, `failed` or `skipped`."""

    word: str
    run: str | None = None
    error: str | None = None


def carry_out(
    caller: Caller, found: Sequence[Manifest], plan: Sequence[Planned], *, wait: bool
) -> list[dict[str, Any]]:
    """`{service, environment, name, outcome, run, error}` of each, in the order of the files."""
    first = {one.manifest.path: one for one in plan}
    outcomes: dict[str, Outcome] = {}
    for wave in manifests.waves(found):
        outcomes |= _wave(caller, found, [first[m.path] for m in wave], outcomes, wait)
    return [_document(manifest, outcomes[manifest.path]) for manifest in found]


def _wave(
    caller: Caller, found: Sequence[Manifest], wave: Sequence[Planned], before: Mapping[str, Outcome], wait: bool
) -> dict[str, Outcome]:
    """All are asked for at once, then followed one after the other."""
    outcomes, runs = dict[str, Outcome](), list[tuple[Planned, str]]()
    for one in wave:
        path = one.manifest.path
        lost = [p.path for p in manifests.providers(one.manifest, found) if before[p.path].word in BAD]
        if lost:
            outcomes[path] = Outcome("skipped", error=f"it binds {', '.join(lost)}")
        elif one.outcome == "unchanged":
            outcomes[path] = Outcome("unchanged")
        else:
            try:
                run = _start(caller, found, one)
                runs += [(one, run)] if run else []
                outcomes[path] = Outcome("requested" if run else "unchanged", run)
            except Failure as failure:
                click.echo(f"{path}: {failure.line()}", err=True)
                outcomes[path] = Outcome("failed", error=failure.sentence)
    if wait:
        outcomes |= {one.manifest.path: _follow(caller, one, run) for one, run in runs}
    return outcomes


def _start(caller: Caller, found: Sequence[Manifest], one: Planned, tries: int = 3) -> str | None:
    """The run. What was shown is what is asked for; where something changed meanwhile, as by what it waited for, it is
    looked at anew. None when nothing is left to do."""
    if one.preview is None or one.later:
        one = Planner(caller, found).one(one.manifest)
    if one.outcome == "unchanged" or one.preview is None:
        return None
    try:
        return changes.start(caller, one.wish, one.preview)
    except Failure as failure:
        if failure.code != CONFLICT or tries == 1:
            raise
    return _start(caller, found, replace(one, preview=None), tries - 1)


def _follow(caller: Caller, one: Planned, run_id: str) -> Outcome:
    click.echo(click.style(one.manifest.path, bold=True), err=True)
    try:
        run = progress.follow(caller, run_id)
        progress.conclude(run)
        followers.follow(caller, run)
    except Failure as failure:
        if failure.code == INTERRUPTED:
            raise
        click.echo(failure.line(), err=True)
        return Outcome("failed", run_id, failure.sentence)
    return Outcome(DONE[one.outcome] if run["state"] == "succeeded" else "awaiting approval", run_id)


def _document(manifest: Manifest, outcome: Outcome) -> dict[str, Any]:
    place = {"service": manifest.service, "environment": manifest.environment, "name": manifest.name}
    return {**place, "outcome": outcome.word, "run": outcome.run, "error": outcome.error}
