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
MOST_STEPS = 40_320
"""So many moments of a window are looked at: each minute of four weeks."""


class PrometheusHistory:
    """Thread-safe. The series carry the label `fairway_resource`, which `/sd/prometheus` gives to every target."""

    source: ClassVar[str] = "prometheus"

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        self._client = httpx.Client(base_url=url, timeout=timeout)

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
        each moment their mean counts, so that several are not more than one."""
        span = max(FINEST, int((until - since).total_seconds()))
        step = FINEST * -(-span // (FINEST * MOST_STEPS))
        which = f'fairway_resource=~"{"|".join(resource_ids)}",status=~"{"|".join(SERVING)}"'
        told = f"avg by (fairway_resource, status) (fairway_resource_health{{{which}}})"
        query = {"query": f"{step} * sum_over_time(({told})[{span}s:{step}s])", "time": f"{until.timestamp():.3f}"}
        found: dict[str, Served] = {}
        for row in self._ask("/api/v1/query", query)["result"]:
            status, seconds = row["metric"]["status"], float(row["value"][1])
            before = found.get(row["metric"]["fairway_resource"], Served())
            after = Served(before.good + SERVING[status] * seconds, before.measured + seconds)
            found[row["metric"]["fairway_resource"]] = after
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
