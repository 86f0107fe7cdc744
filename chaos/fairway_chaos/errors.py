"""What can go wrong in a trial.

ChaosError
├── BadExperiment     fields of a definition are wrong; `problems` says which
├── NotEnough         fewer candidates than asked for: never a silent success
├── TargetChanged     the pod is gone, or another one has its name (404, 409)
├── BudgetRefuses     a PodDisruptionBudget forbids an eviction now (429)
└── NoAnswer          the cluster does not answer, or forbids it
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """pointer: a JSON pointer into the definition."""

    pointer: str
    detail: str


class ChaosError(Exception):
    """The trial cannot go on."""


class BadExperiment(ChaosError):
    """The definition of the experiment is not valid."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.pointer}: {p.detail}" for p in self.problems))


class NotEnough(ChaosError):
    """There are fewer candidates than pods to kill."""


class TargetChanged(ChaosError):
    """The pod is not the one that was chosen."""


class BudgetRefuses(ChaosError):
    """A PodDisruptionBudget forbids it."""


class Halted(ChaosError):
    """The trial was ended early."""


class NoAnswer(ChaosError):
    """The cluster does not answer."""
