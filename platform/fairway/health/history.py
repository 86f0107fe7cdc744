"""Fairway's own short history of figures: a database of its own, one transaction per round, three tiers, bounded.

Each round is merged into a point of 15 s, one of 5 min and one of 1 h at once, so nothing has to be compacted later;
points keep the lowest and highest value, the sum and the count.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    case,
    delete,
    func,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from fairway.db.clock import now
from fairway.db.database import Database
from fairway.health.figures import Figure
from fairway.health.series import SERVES, Point, Series, Served, grid
from fairway.settings import Settings
from fairway_catalog.offering import Chart

SCHEMA = "fairway_metrics"
DAY = 86_400
MOST_FIGURES = 20_000
"""New charts beyond so many are not kept: a bound on the database's size."""


@dataclass(frozen=True)
class Tier:
    """step and kept, in seconds."""

    step: int
    kept: int


FINE, MIDDLE, COARSE = Tier(15, DAY // 4), Tier(300, 7 * DAY), Tier(3600, 90 * DAY)

METADATA = MetaData()
FIGURE = Table(
    "figure",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("resource_id", String(36), nullable=False),
    Column("chart", String(100), nullable=False),
    UniqueConstraint("resource_id", "chart"),
)
POINT = Table(
    "point",
    METADATA,
    Column("figure_id", Integer, primary_key=True, autoincrement=False),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("total", Float, nullable=False),
    Column("count", Integer, nullable=False),
    Column("bound", Float),
    sqlite_with_rowid=False,
)


def url_of(settings: Settings) -> str:
    """The metrics database that the settings name; else a schema in Postgres, or a file beside the SQLite one."""
    if settings.metrics_database_url:
        return settings.metrics_database_url
    if not settings.database_url.startswith("sqlite"):
        return settings.database_url
    return f"sqlite:///{settings.data_dir / 'metrics.db'}"


class History:
    """Thread-safe. interval: how often a round is written, in seconds; the finest tier is never finer."""

    source: ClassVar[str] = "fairway"

    def __init__(self, url: str, interval: float = FINE.step) -> None:
        self._tiers = (Tier(max(FINE.step, math.ceil(interval)), FINE.kept), MIDDLE, COARSE)
        self._database = Database(url)
        sqlite_here = self._database.dialect == "sqlite"
        names = {None: None if sqlite_here else SCHEMA}
        self._reading = self._database.engine.execution_options(schema_translate_map=names)
        self._writing = self._reading.execution_options(fairway_write=True)
        self._insert: Any = sqlite.insert if sqlite_here else postgresql.insert
        self._ids: dict[tuple[str, str], int] = {}
        self._pruned = 0.0
        with self._writing.begin() as connection:
            if not sqlite_here:
                connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            METADATA.create_all(connection)

    def write(self, at: datetime, figures: Sequence[Figure]) -> None:
        """One round. Drops what is older than its tier keeps, every now and then."""
        if not figures:
            return
        stamp = int(at.timestamp())
        with self._writing.begin() as connection:
            ids = self._known(connection, figures)
            rows = [
                _row(ids[f.resource_id, f.chart], step, stamp // step * step, f)
                for f in figures
                if (f.resource_id, f.chart) in ids
                for step in {tier.step for tier in self._tiers}
            ]
            if rows:
                connection.execute(self._upsert(), rows)
            if stamp - self._pruned >= 300:
                self._pruned = stamp
                _prune(connection, stamp)

    def series(self, resource_id: str, chart: Chart, since: datetime, until: datetime, points: int = 240) -> Series:
        """From the finest tier that reaches back to since and does not hold far more points than asked for."""
        wanted = (until - since).total_seconds() / max(points, 1)
        reaching = self._reaching(since)
        tier = next((t for t in reversed(reaching) if t.step <= wanted), reaching[0])
        low, high, step = grid(since, until, points, tier.step)
        query = (
            select(POINT)
            .join(FIGURE, FIGURE.c.id == POINT.c.figure_id)
            .where(FIGURE.c.resource_id == resource_id, FIGURE.c.chart == chart.name)
            .where(POINT.c.step == tier.step, POINT.c.at >= low, POINT.c.at < high + step)
            .order_by(POINT.c.at)
        )
        with self._reading.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return Series(low, high, step, tuple(_merged(rows, step)))

    def served(self, resource_ids: Sequence[str], since: datetime, until: datetime) -> Mapping[str, Served]:
        """From the finest tier that reaches back to since, on whose grid the time begins: a window of weeks may be up
        to an hour longer. Each point weighs as many seconds as its rounds stand for."""
        tier = self._reaching(since)[0]
        low = int(since.timestamp()) // tier.step * tier.step
        query = (
            select(
                FIGURE.c.resource_id,
                func.sum(POINT.c.total * POINT.c.bound).label("good"),
                func.sum(POINT.c["count"] * POINT.c.bound).label("measured"),
            )
            .join(POINT, FIGURE.c.id == POINT.c.figure_id)
            .where(FIGURE.c.resource_id.in_(resource_ids), FIGURE.c.chart == SERVES)
            .where(POINT.c.step == tier.step, POINT.c.at >= low, POINT.c.at < until.timestamp())
            .group_by(FIGURE.c.resource_id)
        )
        with self._reading.connect() as connection:
            return {row.resource_id: Served(row.good, row.measured) for row in connection.execute(query)}

    def forget(self, resource_id: str) -> None:
        """All of a resource's history."""
        with self._writing.begin() as connection:
            gone = select(FIGURE.c.id).where(FIGURE.c.resource_id == resource_id)
            connection.execute(delete(POINT).where(POINT.c.figure_id.in_(gone)))
            connection.execute(delete(FIGURE).where(FIGURE.c.resource_id == resource_id))
            self._ids.clear()

    def close(self) -> None:
        self._database.close()

    def _reaching(self, since: datetime) -> Sequence[Tier]:
        """The tiers that are kept for so long, finest first; of what is older than all of them the coarsest."""
        return [t for t in self._tiers if (now() - since).total_seconds() <= t.kept] or [COARSE]

    def _known(self, connection: Connection, figures: Iterable[Figure]) -> dict[tuple[str, str], int]:
        asked = {(f.resource_id, f.chart) for f in figures}
        if asked.issubset(self._ids):
            return self._ids
        self._ids = {(r.resource_id, r.chart): r.id for r in connection.execute(select(FIGURE))}
        fresh = sorted(asked.difference(self._ids))[: max(0, MOST_FIGURES - len(self._ids))]
        if fresh:
            rows = [{"resource_id": resource_id, "chart": chart} for resource_id, chart in fresh]
            connection.execute(self._insert(FIGURE).on_conflict_do_nothing(), rows)
            self._ids = {(r.resource_id, r.chart): r.id for r in connection.execute(select(FIGURE))}
        return self._ids

    def _upsert(self) -> Any:
        statement = self._insert(POINT)
        new, old = statement.excluded, POINT.c
        return statement.on_conflict_do_update(
            index_elements=["figure_id", "step", "at"],
            set_={
                "low": case((new.low < old.low, new.low), else_=old.low),
                "high": case((new.high > old.high, new.high), else_=old.high),
                "total": old.total + new.total,
                "count": old["count"] + new["count"],
                "bound": new.bound,
            },
        )


def _row(figure_id: int, step: int, at: int, figure: Figure) -> dict[str, Any]:
    return {
        "figure_id": figure_id,
        "step": step,
        "at": at,
        "low": figure.value,
        "high": figure.value,
        "total": figure.value,
        "count": 1,
        "bound": figure.limit,
    }


def _prune(connection: Connection, stamp: int) -> None:
    for steps, tier in (
        (POINT.c.step.not_in((MIDDLE.step, COARSE.step)), FINE),
        (POINT.c.step == MIDDLE.step, MIDDLE),
        (POINT.c.step == COARSE.step, COARSE),
    ):
        connection.execute(delete(POINT).where(steps, POINT.c.at < stamp - tier.kept))


def _merged(rows: Sequence[Any], step: int) -> Iterable[Point]:
    """Rows in order of time, together in buckets of `step`; the lowest and the highest stay."""
    bucket: list[Any] = []
    for row in rows:
        if bucket and row["at"] // step != bucket[0]["at"] // step:
            yield _point(bucket, step)
            bucket = []
        bucket.append(row)
    if bucket:
        yield _point(bucket, step)


def _point(rows: Sequence[Any], step: int) -> Point:
    return Point(
        at=rows[0]["at"] // step * step,
        value=sum(r["total"] for r in rows) / sum(r["count"] for r in rows),
        low=min(r["low"] for r in rows),
        high=max(r["high"] for r in rows),
        limit=rows[-1]["bound"],
    )
