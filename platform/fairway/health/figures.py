"""The figures of an offering's charts, computed from what the pods' exporters say round by round."""

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fairway.health.samples import Key, Sample
from fairway_catalog.offering import Chart

Scrapes = Mapping[str, Sequence[Sample]]
"""Pod uid -> its samples of one round."""
FORGOTTEN = 300
"""A pod that was not scraped for so many seconds begins anew."""
QUANTILE_ROUNDS = 4
"""A quantile of 15 s has few observations: take those of so many rounds together."""


@dataclass(frozen=True)
class Figure:
    """One value of a chart at one time; limit: where its dotted line is."""

    resource_id: str
    chart: str
    value: float
    limit: float | None = None


class Counting:
    """One resource's counters from round to round. The first round has no rates yet."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[float, dict[Key, float]]] = {}
        self._buckets: dict[str, deque[dict[float, float]]] = {}

    def figures(self, resource_id: str, charts: Iterable[Chart], scrapes: Scrapes, at: float) -> list[Figure]:
        """at: seconds, of this round. A chart without a value has no figure: a gap is a gap."""
        gains = {uid: self._gains(uid, samples, at) for uid, samples in scrapes.items()}
        found = []
        for chart in charts:
            value = self._value(chart, scrapes, gains)
            if value is not None and math.isfinite(value):
                found.append(Figure(resource_id, chart.name, value, _limit(chart, scrapes)))
        gone = {uid: kept for uid, kept in self._before.items() if uid not in scrapes and at - kept[0] < FORGOTTEN}
        self._before = {**gone, **{uid: (at, {s.key: s.value for s in ss}) for uid, ss in scrapes.items()}}
        return found

    def _value(self, chart: Chart, scrapes: Scrapes, gains: Mapping[str, "_Gains | None"]) -> float | None:
        if chart.quantile is not None:
            return self._quantile(chart, chart.quantile, gains)
        if chart.rate:
            known = [g for g in gains.values() if g is not None and g.seconds > 0]
            values = [g.by[s.key] / g.seconds for g in known for s in _matching(chart, chart.metric, g.samples)]
            return _aggregate(chart, values)
        return _aggregate(chart, [s.value for ss in scrapes.values() for s in _matching(chart, chart.metric, ss)])

    def _quantile(self, chart: Chart, quantile: float, gains: Mapping[str, "_Gains | None"]) -> float | None:
        counts: dict[float, float] = defaultdict(float)
        for gain in filter(None, gains.values()):
            for sample in _matching(chart, f"{chart.metric}_bucket", gain.samples):
                counts[float(sample.labels.get("le", "nan"))] += gain.by[sample.key]
        rounds = self._buckets.setdefault(chart.name, deque(maxlen=QUANTILE_ROUNDS))
        rounds.append(dict(counts))
        together: dict[float, float] = defaultdict(float)
        for one in rounds:
            for bound, count in one.items():
                together[bound] += count
        return histogram_quantile(quantile, together)

    def _gains(self, uid: str, samples: Sequence[Sample], at: float) -> "_Gains | None":
        """How much each series grew; one that fell was reset to 0, one that is new began at 0."""
        if uid not in self._before:
            return None
        before_at, before = self._before[uid]
        by: dict[Key, float] = {}
        for sample in samples:
            old = before.get(sample.key, 0.0)
            by[sample.key] = sample.value - old if sample.value >= old else sample.value
        return _Gains(at - before_at, by, samples)


@dataclass(frozen=True)
class _Gains:
    seconds: float
    by: Mapping[Key, float]
    samples: Sequence[Sample]


def histogram_quantile(quantile: float, buckets: Mapping[float, float]) -> float | None:
    """As in PromQL, linear inside of a bucket. buckets: upper bound -> cumulative count; None without observations."""
    bounds = sorted(b for b in buckets if not math.isnan(b))
    total = buckets[bounds[-1]] if bounds else 0.0
    if total <= 0 or bounds[-1] != math.inf:
        return None
    rank, low_bound, low_count = quantile * total, 0.0, 0.0
    for bound in bounds:
        if buckets[bound] >= rank:
            if bound == math.inf:
                return low_bound
            inside = buckets[bound] - low_count
            return low_bound + (bound - low_bound) * ((rank - low_count) / inside if inside else 1.0)
        low_bound, low_count = bound, buckets[bound]
    return None


def _limit(chart: Chart, scrapes: Scrapes) -> float | None:
    """0 is how exporters say that there is none."""
    if chart.limit is None:
        return None
    values = [s.value for samples in scrapes.values() for s in samples if s.name == chart.limit]
    return _aggregate(chart, values) or None


def _matching(chart: Chart, name: str, samples: Iterable[Sample]) -> list[Sample]:
    return [s for s in samples if s.name == name and all(s.labels.get(k) == v for k, v in chart.where.items())]


def _aggregate(chart: Chart, values: Sequence[float]) -> float | None:
    if not values:
        return None
    if chart.aggregate == "max":
        return max(values)
    return sum(values) / (len(values) if chart.aggregate == "avg" else 1)
