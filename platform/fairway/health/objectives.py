"""Service level objectives: what is left of an error budget, how fast it burns, and whether that calls for somebody.

The indicator is time. A resource serves while its health is `healthy` or `degraded`, and does not while it is
`failing`; time in which it is `stopped` or `unknown`, or in which nobody looked, is not measured and does not count.

The rules are those of Google's SRE Workbook, chapter 5: a burn rate of 1 spends the budget in exactly one window, and
an alert wants the rate in a long window and in a short one, so that it ends soon after its cause.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fairway.health.series import Served

DAY = 86_400
SPANS = {"5m": 300, "30m": 1800, "1h": 3600, "6h": 6 * 3600, "3d": 3 * DAY}
"""The spans that burn rates are read for, in seconds."""
SHOWN = ("1h", "6h", "3d")
ALERTS = ((14.4, "1h", "5m"), (6.0, "6h", "30m"))
"""At risk when the burn rate is at least so much in both spans."""


@dataclass(frozen=True)
class Objective:
    """ratio: the share of time to serve in, such as 0.999; window: in seconds."""

    ratio: float
    window: float

    @property
    def budget(self) -> float:
        """The seconds of a whole window that may be failing, also for what is younger than it."""
        return (1 - self.ratio) * self.window

    def left(self, served: Served) -> float:
        """The share of the budget that is left: 1 when untouched, below 0 when overspent."""
        return 1 - served.failed / self.budget


@dataclass(frozen=True)
class Standing:
    """ratio: of the measured time, None when there was none; coverage: the share of the window that was measured, or of
    the resource's own age where it is younger. spent: seconds of the budget; left_ratio: 1 for an untouched budget,
    below 0 for an overspent one. burn: by span. state: `met`, `at_risk`, `breached` or `unknown`."""

    ratio: float | None
    coverage: float | None
    spent: float | None
    left_ratio: float | None
    burn: Mapping[str, float | None]
    state: str


def stand(objective: Objective, served: Served, spans: Mapping[str, Served], age: float) -> Standing:
    """served: in the objective's window, spans: in each of SPANS; age: of the resource, in seconds."""
    rates = {name: burn(objective, found, SPANS[name]) for name, found in spans.items()}
    shown = {name: rates[name] for name in SHOWN}
    coverage = min(1.0, served.measured / max(1.0, min(objective.window, age)))
    if served.ratio is None:
        return Standing(None, 0.0, None, None, shown, "unknown")
    left = objective.left(served)
    return Standing(served.ratio, coverage, served.failed, left, shown, _state(left, rates))


def burn(objective: Objective, served: Served, span: float) -> float | None:
    """How many times as fast as the objective allows the budget is spent; None when nothing was measured. What was not
    measured of the span's seconds spent nothing: the first failing second of something new is no alarm."""
    return None if served.ratio is None else served.failed / ((1 - objective.ratio) * span)


def _state(left: float, rates: Mapping[str, float | None]) -> str:
    if left <= 0:
        return "breached"
    risky = any((rates[long] or 0) >= rate and (rates[short] or 0) >= rate for rate, long, short in ALERTS)
    return "at_risk" if risky else "met"
