"""What the users of the workload noticed: availability in the fault window, outages, latency."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fairway_chaos.samples import CADENCE, Sample

Z95 = 1.959963984540054
GOOD_IN_A_ROW = 5
MOST_NOT_SENT = 0.02


@dataclass(frozen=True)
class Availability:
    """longest_outage is known to one cadence. service_ttr: from the first bad probe to the first of five good ones, 0
    when none was bad, None when they never came."""

    ok: int
    scheduled: int
    not_sent: int
    longest_outage: float
    service_ttr: float | None

    @property
    def ratio(self) -> float | None:
        return self.ok / self.scheduled if self.scheduled else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.ok, self.scheduled) if self.scheduled else None

    @property
    def trustworthy(self) -> bool:
        """Probes that we failed to send are our own fault, and above 2 % they decide nothing."""
        return self.not_sent <= MOST_NOT_SENT * self.scheduled

    def burn(self, objective: float) -> float | None:
        """The error budget of this window that was used, 1 for all of it; None without a budget."""
        if not self.scheduled or objective >= 1:
            return None
        return (1 - self.ok / self.scheduled) / (1 - objective)


@dataclass(frozen=True)
class Latency:
    """Seconds."""

    p50: float
    p95: float
    p99: float


def wilson(good: int, total: int, z: float = Z95) -> tuple[float, float]:
    """The Wilson score interval for a proportion."""
    share = good / total
    denominator = 1 + z * z / total
    middle = (share + z * z / (2 * total)) / denominator
    half = z / denominator * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return max(0.0, middle - half), min(1.0, middle + half)


def measure(samples: Sequence[Sample], start: float, end: float, cadence: float = CADENCE) -> Availability:
    """Of the slots in [start, end]; samples in order of their slots."""
    window = [s for s in samples if start <= s.scheduled <= end]
    return Availability(
        ok=sum(1 for s in window if s.ok),
        scheduled=len(window),
        not_sent=sum(1 for s in window if not s.ok and not s.bad),
        longest_outage=_longest_outage(window, cadence),
        service_ttr=_service_ttr([s for s in samples if s.scheduled >= start]),
    )


def latency(samples: Sequence[Sample]) -> Latency | None:
    """Of all that was sent: a timeout counts with the time that it took."""
    waits = sorted(s.latency for s in samples if s.ok or s.bad)
    if not waits:
        return None
    return Latency(*(waits[min(len(waits) - 1, math.ceil(share * len(waits)) - 1)] for share in (0.5, 0.95, 0.99)))


def _longest_outage(window: Sequence[Sample], cadence: float) -> float:
    longest, since, last = 0.0, None, 0.0
    for sample in window:
        if sample.bad:
            since = sample.scheduled if since is None else since
            last = sample.scheduled
        elif sample.ok and since is not None:
            longest, since = max(longest, sample.scheduled - since), None
    return longest if since is None else max(longest, last + cadence - since)


def _service_ttr(samples: Sequence[Sample]) -> float | None:
    first_bad = next((n for n, s in enumerate(samples) if s.bad), None)
    if first_bad is None:
        return 0.0
    run = 0
    for n in range(first_bad, len(samples)):
        run = run + 1 if samples[n].ok else 0
        if run == GOOD_IN_A_ROW:
            return samples[n - run + 1].scheduled - samples[first_bad].scheduled
    return None
