"""The checks of a hypothesis, evaluated on what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fairway_chaos import availability, verdict
from fairway_chaos.availability import Availability, Latency
from fairway_chaos.experiment import Hypothesis
from fairway_chaos.samples import Sample
from fairway_chaos.verdict import Check

BEFORE, DURING, AFTER = "before", "during", "after"


@dataclass(frozen=True)
class Measured:
    """What a trial found out. ttr: of the workload, None when it did not recover within limit. ready: at the end."""

    desired: int
    ready: int
    ttr: float | None
    limit: float
    available: Availability | None
    before: Sequence[Sample]
    during: Sequence[Sample]
    after: Sequence[Sample]
    probes: Mapping[str, Sequence[tuple[str, bool | None, str]]]
    """phase -> (title, met, found) of the probes that are asked before and after."""


def evaluate(hypothesis: Hypothesis, measured: Measured) -> list[Check]:
    checks = [*_asked(BEFORE, measured), *_availability(hypothesis, measured), *_recovery(hypothesis, measured)]
    ready = f"{measured.ready} of {measured.desired} ready"
    whole = measured.ready >= measured.desired
    checks.append(Check.binary("ready at the end", AFTER, f"{measured.desired} ready", ready, whole))
    return [*checks, *_latency(hypothesis, measured), *_asked(AFTER, measured)]


def _asked(phase: str, measured: Measured) -> list[Check]:
    return [
        Check.binary(title, phase, "within its tolerance", found, met)
        for title, met, found in measured.probes.get(phase, ())
    ]


def _availability(hypothesis: Hypothesis, measured: Measured) -> list[Check]:
    objective, found = hypothesis.availability, measured.available
    if objective is None:
        return []
    asked = f"at least {100 * objective:g} %"
    if found is None or found.ratio is None or not found.trustworthy:
        return [Check("availability", DURING, asked, "not measured", None, None, weight=3)]
    met = found.ratio >= objective
    points = verdict.availability_points(found.burn(objective), met)
    said = f"{found.ok} of {found.scheduled} probes, {100 * found.ratio:.2f} %"
    return [Check("availability", DURING, asked, said, met, points, weight=3)]


def _recovery(hypothesis: Hypothesis, measured: Measured) -> list[Check]:
    """That it recovers at all is always asked."""
    objective = hypothesis.recovery
    ttr = measured.ttr
    found = f"> {measured.limit:g} s" if ttr is None else f"{ttr:.2f} s"
    if objective is None:
        met = ttr is not None
        asked = f"whole within {measured.limit:g} s"
        return [Check("recovery", DURING, asked, found, met, float(met), weight=3, critical=True)]
    met = ttr is not None and ttr <= objective
    points = verdict.recovery_points(ttr, objective)
    return [
        Check("recovery", DURING, f"whole within {objective:g} s", found, met, points, weight=3, critical=ttr is None)
    ]


def _latency(hypothesis: Hypothesis, measured: Measured) -> list[Check]:
    if hypothesis.latency is None:
        return []
    before, after = availability.latency(measured.before), availability.latency(measured.after)
    asked = f"p95 after within {hypothesis.latency:g} times p95 before"
    if before is None or after is None:
        return [Check.binary("latency", AFTER, asked, "not measured", None)]
    met = after.p95 <= hypothesis.latency * before.p95
    return [Check.binary("latency", AFTER, asked, f"{_ms(before)} before, {_ms(after)} after", met)]


def _ms(latency: Latency) -> str:
    return f"{latency.p95 * 1000:.0f} ms"
