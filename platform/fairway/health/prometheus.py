"""Series from a real Prometheus, by PromQL: with FAIRWAY_PROMETHEUS_URL it is the history."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

import httpx

from fairway.errors import Unreachable
from fairway.health.series import SERVING, Point, Series, Served, grid
from fairway_catalog.offering import Chart

FINEST = 15
SHORT = 6 * 3600
"""Windows up to so many seconds are looked at moment by moment, longer ones by the mean of each step."""
STEP, MOST_STEPS = 300, 8064
"""Steps of five minutes, in windows up to four weeks."""
AT_ONCE = 10
"""Resources in one question about weeks."""
MOST_KEPT = 20_000
TOLD, MEAN = "{series}", "avg_over_time({series}[{range}ms])"
"""A range has both of its ends, before Prometheus 3: a millisecond less, lest what lies on a border count twice."""


class PrometheusHistory:
    """Thread-safe. The series carry the label `fairway_resource`, which `/sd/prometheus` gives to every target."""

    source: ClassVar[str] = "prometheus"

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        self._client = httpx.Client(base_url=url, timeout=timeout)
        self._kept: dict[tuple[str, int, int], Served] = {}
        self._cut = 0

    def series(self, resource_id: str, chart: Chart, since: datetime, until: datetime, points: int = 240) -> Series:
        low, high, step = grid(since, until, points, FINEST)
        selector, window = f'fairway_resource="{resource_id}"', f"{max(60, 4 * step)}s"
        values = self._range(chart.promql(selector, window), low, high, step)
        limits = self._range(f"{chart.aggregate}({chart.limit}{{{selector}}})", low, high, step) if chart.limit else {}
        return Series(
            low, high, step, tuple(Point(at, v, v, v, limits.get(at) or None) for at, v in sorted(values.items()))
        )

    def served(self, resource_ids: Sequence[str], since: datetime, until: datetime) -> Mapping[str, Served]:
        """From what `/metrics` told of each status. Replicas of Fairway that are scraped side by side tell the same: at
        each moment their mean counts, so that several are not more than one. A long window may begin a step earlier."""
        end, span = int(until.timestamp()), max(FINEST, int((until - since).total_seconds()))
        if span <= SHORT:
            return self._measured(resource_ids, TOLD, span, FINEST, end)
        step = STEP * -(-span // (STEP * MOST_STEPS))
        cut = end // step * step
        rest = end - cut
        past = self._past(resource_ids, -(-(span - rest) // step) * step, step, cut)
        fresh = self._measured(resource_ids, TOLD, rest, FINEST, end) if rest >= FINEST else {}
        found = {i: past[i] + fresh.get(i, Served()) for i in resource_ids}
        return {i: served for i, served in found.items() if served.measured > 0}

    def _past(self, resource_ids: Sequence[str], span: int, step: int, cut: int) -> Mapping[str, Served]:
        """What is past stays as it is, and weeks of it are dear: kept until the next cut."""
        if cut > self._cut or len(self._kept) > MOST_KEPT:
            self._kept, self._cut = {}, cut
        kept = self._kept
        missing = [i for i in resource_ids if (i, span, cut) not in kept]
        for part in (missing[n : n + AT_ONCE] for n in range(0, len(missing), AT_ONCE)):
            found = self._measured(part, MEAN, span, step, cut)
            kept.update({(i, span, cut): found.get(i, Served()) for i in part})
        return {i: kept[i, span, cut] for i in resource_ids}

    def _measured(self, resource_ids: Sequence[str], told: str, span: int, step: int, end: int) -> Mapping[str, Served]:
        """told: TOLD or MEAN."""
        which = f'fairway_resource=~"{"|".join(resource_ids)}",status=~"{"|".join(SERVING)}"'
        each = told.format(series=f"fairway_resource_health{{{which}}}", range=1000 * step - 1)
        promql = f"{step} * sum_over_time((avg by (fairway_resource, status) ({each}))[{1000 * span - 1}ms:{step}s])"
        found: dict[str, Served] = {}
        for row in self._ask("/api/v1/query", {"query": promql, "time": end})["result"]:
            identity, seconds = row["metric"]["fairway_resource"], float(row["value"][1])
            more = Served(SERVING[row["metric"]["status"]] * seconds, seconds)
            found[identity] = found.get(identity, Served()) + more
        return found

    def value(self, promql: str) -> float | None:
        """An instant query's single value, None without data. Raises Unreachable."""
        result = self._ask("/api/v1/query", {"query": promql})["result"]
        pair = result if result and isinstance(result[0], int | float) else result[0]["value"] if result else None
        value = float(pair[1]) if pair else math.nan
        return None if math.isnan(value) else value

    def close(self) -> None:
        self._client.close()

    def _range(self, promql: str, low: int, high: int, step: int) -> dict[int, float]:
        asked: dict[str, str | int] = {"query": promql, "start": low, "end": high, "step": step}
        result = self._ask("/api/v1/query_range", asked)["result"]
        values = {int(at): float(value) for at, value in (result[0]["values"] if result else ())}
        return {at: value for at, value in values.items() if math.isfinite(value)}

    def _ask(self, path: str, query: dict[str, Any]) -> dict[str, Any]:
        """Sent as a form: an address would not hold the ids of a whole list."""
        try:
            document = self._client.post(path, data=query).json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unreachable(f"Prometheus does not answer: {error}", hint="See FAIRWAY_PROMETHEUS_URL.") from error
        if document.get("status") != "success":
            raise Unreachable(f"Prometheus refuses the query: {str(document.get('error'))[:300]}")
        data: dict[str, Any] = document["data"]
        return data
