"""How an objective stands, in lines for a person."""

from collections.abc import Iterator, Mapping
from typing import Any

from fairway import writing


def lines(found: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(label, text) for `output.one`."""
    budget = found["budget"]
    yield "name", f"{found['service']}/{found['environment']}/{found['name']}"
    yield "objective", f"{found['objective']:g} % in {found['window_days']} d"
    yield "state", state(found)
    if found["ratio"] is not None:
        yield "served", f"{percent(found['ratio'], 3)} of what was measured"
        yield "measured", f"{percent(found['coverage'])} of the time, by {found['source']}"
        spent = f"{span(budget['spent'])} of {span(budget['seconds'])} spent"
        yield "budget left", f"{percent(budget['left_ratio'])}, {spent}"
        yield "burn", ", ".join(f"{times(rate)} in {name}" for name, rate in found["burn"].items() if rate is not None)
    yield "set", f"{found['set_at'][:19].replace('T', ' ')} by {found['set_by'] or 'fairway'}"


def state(found: Mapping[str, Any]) -> str:
    return "no data" if found["state"] == "unknown" else str(found["state"]).replace("_", " ")


def percent(ratio: float | None, digits: int = 1) -> str | None:
    return None if ratio is None else writing.percent(ratio, digits, " ")


def times(rate: float | None) -> str | None:
    return None if rate is None else f"{rate:.1f} times"


def span(seconds: float) -> str:
    """`40 min 19 s`."""
    whole = round(seconds)
    for size, unit, part, part_unit in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            return f"{whole // size} {unit} {whole % size // part} {part_unit}"
    return f"{whole} s"
