"""What came out of a trial, in lines for a person, and as an exit code."""

from collections.abc import Iterator, Mapping
from typing import Any

from fairway.cli import budgets, output
from fairway.cli.failure import FAILED, REFUSED, VERDICT, Failure

ON_PURPOSE = "An owner may allow it for this trial: --allow-outage, or allow_outage in the file."
MET = {True: "✓", False: "✗", None: "?"}


def check(trial: Mapping[str, Any]) -> None:
    """Raises Failure: code 3 for REFUSED, 7 for any other verdict than PASS."""
    verdict, why = trial["verdict"], trial["reason"]
    if verdict == "PASS":
        return
    if not verdict:
        raise Failure(f"The trial of {trial['name']} has no verdict", f"It is {trial['state']}.", code=FAILED)
    missed = ", ".join(c["name"] for c in checks(trial) if c["met"] is False)
    detail = why or (f"not met: {missed}" if missed else "")
    hint = f"`fairway chaos report {output.short(trial['id'])}` tells more."
    if verdict == "REFUSED" and why.startswith("ceiling"):
        hint = ON_PURPOSE
    sentence = f"The trial of {trial['name']} ended {verdict}" + (f": {detail}" if detail else "")
    raise Failure(sentence, hint, code=REFUSED if verdict == "REFUSED" else VERDICT)


def checks(trial: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [check for phase in (trial["hypothesis"] or {}).values() if phase for check in phase["checks"]]


def lines(trial: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(label, text) for `output.one`."""
    yield "trial", f"{trial['title']} ({trial['service']}/{trial['environment']}/{trial['name']})"
    yield "verdict", trial["verdict"] or trial["state"]
    yield "reason", trial["reason"]
    if trial["score"] is not None:
        yield "score", f"{trial['score']:g} of 100, over {100 * (trial['coverage'] or 0):.0f} % of the checks"
    yield "seed", trial["seed"]
    for number, victim in enumerate(trial["victims"]):
        yield "" if number else "victims", victim_line(victim)
    if trial["victims"]:
        yield "recovery", _recovery(trial["workload"])
        yield "available", _availability(trial["availability"])
        yield "budget", _cost(trial.get("cost"))
    for number, found in enumerate(checks(trial)):
        said = f"{MET[found['met']]} {found['phase']}: {found['name']}: asked for {found['asked']}, {found['found']}"
        yield "" if number else "checks", said
    yield "started", trial["started_at"]
    yield "by", trial["requested_by"]
    yield "id", trial["id"]


def victim_line(victim: Mapping[str, Any]) -> str:
    """`web-1 killed by delete; web-4 ready after 1.32 s (0.02 s until scheduled, 1.30 s to start)`."""
    recovery = victim["recovery"]
    if victim["outcome"] != "killed":
        outcome = str(victim["outcome"] or "not known").replace("_", " ")
        return f"{victim['pod']}: {outcome}" + (f" ({victim['detail']})" if victim["detail"] else "")
    said = f"{victim['pod']} killed by {victim['method']}"
    if recovery["ttr"] is None:
        return said
    parts = f"{recovery['reschedule']:.2f} s until scheduled, {recovery['startup']:.2f} s to start"
    return f"{said}; {victim.get('replacement') or 'another one'} ready after {recovery['ttr']:.2f} s ({parts})"


def _recovery(workload: Mapping[str, Any]) -> str:
    ttr, limit = workload["ttr"], workload.get("limit")
    if ttr is not None:
        return f"whole after {ttr:.2f} s"
    return f"not whole within {limit:g} s" if limit is not None else "not measured"


def _cost(found: Mapping[str, Any] | None) -> str | None:
    if not found:
        return None
    whole = f"{budgets.span(found['seconds'])} of the objective of {found['objective']:g} % in {found['window_days']} d"
    return f"{found['spent']:.1f} s, {budgets.percent(found['ratio'], 2)} of the {whole}"


def _availability(found: Mapping[str, Any] | None) -> str:
    if not found:
        return "not measured"
    low, high = (100 * edge for edge in found["interval"])
    return (
        f"{found['ok']} of {found['scheduled']} probes good until it was whole, {100 * found['ratio']:.2f} %"
        f" (95 % interval {low:.1f} to {high:.1f}); longest outage {found['longest_outage']:.1f} s"
    )
