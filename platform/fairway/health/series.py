"""A chart's course over time, from whatever keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, TypedDict

from fairway.db.clock import now
from fairway_catalog import Offering
from fairway_catalog.offering import Chart

READY = Chart(
    name="ready",
    title="Ready replicas",
    unit="replicas",
    metric="fairway_resource_ready_replicas",
    limit="fairway_resource_replicas",
)
"""What every resource has, whatever its exporter says."""


SERVES = "fairway.serves"
"""The figure that objectives are measured by: 1 while it serves, 0 while it does not. Its limit: a round's seconds."""
SERVING = {"healthy": 1.0, "degraded": 1.0, "failing": 0.0}
"""By health; what is stopped or unknown is not measured."""


@dataclass(frozen=True)
class Served:
    """good: seconds in which it served, of those that were measured."""

    good: float = 0.0
    measured: float = 0.0

    def __add__(self, other: "Served") -> "Served":
        return Served(self.good + other.good, self.measured + other.measured)

    @property
    def failed(self) -> float:
        return self.measured - self.good

    @property
    def ratio(self) -> float | None:
        return self.good / self.measured if self.measured > 0 else None


@dataclass(frozen=True)
class Point:
    """The mean, lowest and highest value in the `step` seconds that begin at `at` (epoch seconds)."""

    at: int
    value: float
    low: float
    high: float
    limit: float | None = None


@dataclass(frozen=True)
class Series:
    """since, until: epoch seconds on the grid of step; a time without a point is a gap."""

    since: int
    until: int
    step: int
    points: tuple[Point, ...] = ()

    @property
    def latest(self) -> Point | None:
        return self.points[-1] if self.points else None

    def columns(self) -> dict[str, list[Any]]:
        """at, value, low, high, limit, each of the same length, None in the gaps."""
        by_time: Mapping[int, Point] = {point.at: point for point in self.points}
        grid = range(self.since, self.until + 1, self.step)
        row = [by_time.get(at) for at in grid]
        return {
            "at": list(grid),
            "value": [p.value if p else None for p in row],
            "low": [p.low if p else None for p in row],
            "high": [p.high if p else None for p in row],
            "limit": [p.limit if p else None for p in row],
        }


class Histories(Protocol):
    """Where series come from: Fairway's own history, or a Prometheus. source: its name, `fairway` or `prometheus`."""

    source: ClassVar[str]

    def series(self, resource_id: str, chart: Chart, since: datetime, until: datetime, points: int = 240) -> Series: ...
    def served(self, resource_ids: Sequence[str], since: datetime, until: datetime) -> Mapping[str, Served]:
        """By resource; one of which nothing was measured is left out. May raise Unreachable."""
        ...

    def close(self) -> None: ...


class ChartDocument(TypedDict):
    """series: columns `at` (seconds since 1970), `value`, `low`, `high`, `limit` of equal length, null in the gaps;
    step: seconds between two points."""

    name: str
    title: str
    unit: str
    step: float
    latest: float | None
    limit: float | None
    series: dict[str, list[float | None]]


def charts(
    history: Histories, offering: Offering, resource_id: str, since: datetime, until: datetime | None = None
) -> list[ChartDocument]:
    """The offering's charts and the one that every resource has."""
    until = until or now()
    found: list[ChartDocument] = []
    for chart in all_charts(offering):
        series = history.series(resource_id, chart, since, until)
        latest = series.latest
        fresh = latest is not None and latest.at >= until.timestamp() - max(4 * series.step, 90)
        found.append(
            {
                "name": chart.name,
                "title": chart.title,
                "unit": chart.unit,
                "step": series.step,
                "latest": latest.value if latest and fresh else None,
                "limit": latest.limit if latest else None,
                "series": series.columns(),
            }
        )
    return found


def all_charts(offering: Offering) -> Sequence[Chart]:
    return (*offering.charts, READY)


def grid(since: datetime, until: datetime, points: int, finest: int) -> tuple[int, int, int]:
    """since and until on a grid, and its step: the finest, or the multiple of it that gives at most so many points."""
    span = max((until - since) / timedelta(seconds=1), finest)
    step = finest * max(1, -(-int(span) // (finest * max(points, 1))))
    return int(since.timestamp()) // step * step, int(until.timestamp()) // step * step, step
