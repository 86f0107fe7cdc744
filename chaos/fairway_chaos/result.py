"""What a trial ends with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fairway_chaos.availability import Availability
from fairway_chaos.experiment import Experiment
from fairway_chaos.killing import Kill
from fairway_chaos.preflight import Preflight
from fairway_chaos.recovery import PodRecovery
from fairway_chaos.samples import Sample
from fairway_chaos.verdict import Check, Verdict


@dataclass
class Result:
    """Filled while the trial goes on. started and recovered: monotonic; reason: of a verdict that is no PASS or FAIL.

    window: [first kill, recovered or given up]; ttr: of the workload, None where it did not recover.
    """

    experiment: Experiment
    seed: int
    started: float
    started_at: datetime
    verdict: Verdict | None = None
    reason: str = ""
    score: float | None = None
    coverage: float = 0.0
    preflight: Preflight | None = None
    kills: list[Kill] = field(default_factory=list)
    recoveries: Sequence[PodRecovery] = ()
    window: tuple[float, float] | None = None
    ttr: float | None = None
    ready: int | None = None
    desired: int | None = None
    samples: list[Sample] = field(default_factory=list)
    availability: Availability | None = None
    checks: Sequence[Check] = ()
    gaps: Sequence[tuple[float, str]] = ()
    phases: dict[str, float] = field(default_factory=dict)
    asked: dict[str, list[tuple[str, bool | None, str]]] = field(default_factory=dict)
    ended_at: datetime | None = None

    def parts(self) -> Mapping[str, Sequence[Sample]]:
        """The samples before, during and after the fault."""
        if self.window is None:
            return {"before": self.samples, "during": (), "after": ()}
        start, end = self.window
        return {
            "before": [s for s in self.samples if s.scheduled < start],
            "during": [s for s in self.samples if start <= s.scheduled <= end],
            "after": [s for s in self.samples if s.scheduled > end],
        }
