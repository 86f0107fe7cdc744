"""Applying what is planned, wave by wave: what is bound is there before what binds it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import click

from fairway.cli import changes, manifests, planned
from fairway.cli.caller import Caller
from fairway.cli.failure import CONFLICT, INTERRUPTED, NOT_FOUND, Failure
from fairway.cli.manifests import Manifest
from fairway.cli.planned import Planned, Planner

DONE = {"create": "created", "change": "changed"}
BAD = ("failed", "skipped")


@dataclass(frozen=True)
class Outcome:
    """word: `created`, `changed`, `unchanged`, `requested`, `awaiting approval`, `failed` or `skipped`."""

    manifest: Manifest
    word: str
    run: str | None = None
    error: str | None = None

    @property
    def is_bad(self) -> bool:
        return self.word in BAD

    def document(self) -> dict[str, Any]:
        return {**self.manifest.place, "outcome": self.word, "run": self.run, "error": self.error}


def carry_out(caller: Caller, found: Sequence[Manifest], plan: Sequence[Planned], *, wait: bool) -> list[Outcome]:
    """In the order of the files."""
    first = {one.manifest.path: one for one in plan}
    outcomes: dict[str, Outcome] = {}
    for wave in manifests.waves(found):
        anew = cache(partial(planned.look, caller, found))
        begun = [_begin(caller, found, first[m.path], outcomes, anew) for m in wave]  # all are asked for at once
        for manifest, outcome in zip(wave, begun, strict=True):
            followed = wait and outcome.run is not None
            outcomes[manifest.path] = _follow(caller, first[manifest.path], outcome) if followed else outcome
    return [outcomes[manifest.path] for manifest in found]


def _begin(
    caller: Caller,
    found: Sequence[Manifest],
    one: Planned,
    before: Mapping[str, Outcome],
    anew: Callable[[], Planner],
) -> Outcome:
    manifest = one.manifest
    lost = [p.path for p in manifests.providers(manifest, found) if before[p.path].is_bad]
    if lost:
        return Outcome(manifest, "skipped", error=f"it binds {', '.join(lost)}")
    try:
        # What was shown is what is asked for; what waited for others was not shown whole.
        run = _start(caller, found, anew().one(manifest) if one.later else one)
    except Failure as failure:
        click.echo(f"{manifest.path}: {failure.line()}", err=True)
        return Outcome(manifest, "failed", error=failure.sentence)
    return Outcome(manifest, "requested" if run else "unchanged", run)


def _start(caller: Caller, found: Sequence[Manifest], one: Planned, tries: int = 3) -> str | None:
    """The run, None when nothing is left to do. Where something changed meanwhile, it is looked at anew."""
    if one.outcome == "unchanged":
        return None
    if one.preview is None:
        raise Failure(f"There is no service {one.manifest.service} any more", "Apply it again.", code=NOT_FOUND)
    try:
        return changes.start(caller, one.wish, one.preview)
    except Failure as failure:
        if failure.code != CONFLICT or tries == 1:
            raise
    return _start(caller, found, planned.look(caller, found).one(one.manifest), tries - 1)


def _follow(caller: Caller, one: Planned, begun: Outcome) -> Outcome:
    click.echo(click.style(one.manifest.path, bold=True), err=True)
    try:
        run = changes.follow(caller, str(begun.run))
    except Failure as failure:
        if failure.code == INTERRUPTED:
            raise
        click.echo(failure.line(), err=True)
        return Outcome(one.manifest, "failed", begun.run, failure.sentence)
    word = DONE[one.outcome] if run["state"] == "succeeded" else "awaiting approval"
    return Outcome(one.manifest, word, begun.run)
