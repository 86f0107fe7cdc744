"""`fairway chaos report`: what a pipeline keeps."""

from collections.abc import Mapping
from typing import Any

import click

from fairway.cli import output, verdicts
from fairway.cli.caller import Caller, common, pass_caller
from fairway.cli.failure import usage

KINDS = ("text", "json", "yaml", "junit", "chaostoolkit")


@click.command()
@click.argument("trial")
@click.option("--format", "kind", type=click.Choice(KINDS), help="text, or what -o says; json is the journal.")
@common
@pass_caller
def report(caller: Caller, trial: str, kind: str | None) -> None:
    """A trial with all that it saw: text, journal (JSON), JUnit XML, or a journal as Chaos Toolkit writes it."""
    kind = kind or {"table": "text"}.get(caller.format, caller.format)
    found = caller.client.get(f"/trials/{trial}")
    if found["ended_at"] is None:
        raise usage(f"The trial is {found['state']}", "A report is there when it has ended: `fairway chaos watch`.")
    path = f"/trials/{found['id']}"
    if kind == "junit":
        click.echo("\n".join(caller.client.lines(f"{path}/junit", {}, "application/xml")))
        return
    journal = caller.client.get(f"{path}/journal")
    if kind == "text":
        _text(found, journal)
    elif kind == "chaostoolkit":
        from fairway_chaos import chaostoolkit

        output.document("json", chaostoolkit.journal(journal, journal["experiment"]))
    else:
        output.document(kind, journal)


def _text(trial: Mapping[str, Any], journal: Mapping[str, Any]) -> None:
    looked = (journal.get("preflight") or {}).get("checks", [])
    before = [("before it" if not n else "", f"{c['state']}: {c['name']}: {c['detail']}") for n, c in enumerate(looked)]
    phases = (journal.get("phases") or {}).items()
    at = ("phases", ", ".join(f"{name} at {seconds:.1f} s" for name, seconds in phases))
    latency = [
        (f"p95 {phase}", f"{1000 * found['p95']:.0f} ms")
        for phase, found in (journal.get("latency") or {}).items()
        if found
    ]
    gaps = [("gap", f"{gap['detail']} at {gap['t']:.1f} s") for gap in journal.get("gaps") or []]
    output.one("table", trial, [*verdicts.lines(trial), at, *latency, *gaps, *before])
