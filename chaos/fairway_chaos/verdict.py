"""Verdict and score are two things: whether the hypothesis held, and by how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

CRITICAL_CAP = 49.0


class Verdict(StrEnum):
    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    ABORTED = "ABORTED"
    REFUSED = "REFUSED"
    INTERRUPTED = "INTERRUPTED"


@dataclass(frozen=True)
class Check:
    """phase: before, during or after. met: None when it could not be evaluated. points: from 0 to 1."""

    name: str
    phase: str
    asked: str
    found: str
    met: bool | None
    points: float | None
    weight: float = 1.0
    critical: bool = False

    @classmethod
    def binary(
        cls, name: str, phase: str, asked: str, found: str, met: bool | None, *, critical: bool = False
    ) -> "Check":
        return cls(name, phase, asked, found, met, None if met is None else float(met), critical=critical)


def score(checks: Sequence[Check]) -> float | None:
    """0 to 100 over the evaluated checks; None when there is none. A critical failure caps it."""
    done = [c for c in checks if c.points is not None]
    weight = sum(c.weight for c in done)
    if not weight:
        return None
    value = 100 * sum(c.weight * (c.points or 0.0) for c in done) / weight
    return min(value, CRITICAL_CAP) if any(c.critical and c.met is False for c in done) else value


def coverage(checks: Sequence[Check]) -> float:
    """The share of the checks that was evaluated."""
    return sum(1 for c in checks if c.points is not None) / len(checks) if checks else 0.0


def decide(checks: Sequence[Check]) -> Verdict:
    """Of a trial that ran to its end."""
    if any(c.met is False for c in checks):
        return Verdict.FAIL
    return Verdict.PASS if any(c.met for c in checks) else Verdict.INCONCLUSIVE


def recovery_points(ttr: float | None, objective: float) -> float:
    """Full within the objective, none from twice the objective on, or when it never recovered."""
    return 0.0 if ttr is None else max(0.0, min(1.0, (2 * objective - ttr) / objective))


def availability_points(burn: float | None, met: bool) -> float:
    """The budget that is left; without a budget all or nothing."""
    return float(met) if burn is None else max(0.0, min(1.0, 1 - burn))
