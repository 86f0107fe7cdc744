"""Series from a real Prometheus, by PromQL: with FAIRWAY_PROMETHEUS_URL it is the history."""

import math
from datetime import datetime
from typing import Any

import httpx

from fairway.errors import Unreachable
from fairway.health.series import Point, Series, grid
from fairway_catalog.offering import Chart

FINEST = 15


class PrometheusHistory:
    """Thread-safe. The series carry the label `fairway_resource`, which `/sd/prometheus` gives to every target."""

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
        try:
            answer = self._client.get(path, params=query)
            document = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unreachable(f"Prometheus does not answer: {error}", hint="See FAIRWAY_PROMETHEUS_URL.") from error
        if document.get("status") != "success":
            raise Unreachable(f"Prometheus refuses the query: {str(document.get('error'))[:300]}")
        data: dict[str, Any] = document["data"]
        return data
