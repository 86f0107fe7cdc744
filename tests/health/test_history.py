"""History: rounds go in, series come out, and it never grows beyond its bounds."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

import fairway_catalog
from fairway.db.clock import now
from fairway.health import History, charts, url_of
from fairway.health import history as history_module
from fairway.health.figures import Figure
from fairway.health.history import POINT
from fairway.settings import load
from fairway_catalog.offering import Chart

CHART = Chart("load", "Load", "", "load")


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    history = History(f"sqlite:///{tmp_path / 'metrics.db'}")
    yield history
    history.close()


@pytest.fixture
def noon() -> datetime:
    """A whole hour, an hour or more ago."""
    return now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)


def put(history: History, at: datetime, value: float, limit: float | None = None, chart: str = "load") -> None:
    history.write(at, [Figure("r", chart, value, limit)])


def test_an_hour_is_kept_round_by_round(history: History, noon: datetime) -> None:
    for number in range(20):
        put(history, noon + timedelta(seconds=15 * number), float(number), limit=50.0)
    series = history.series("r", CHART, noon, noon + timedelta(hours=1))
    assert series.step == 15
    assert [p.value for p in series.points] == list(range(20))
    assert series.points[0].limit == 50.0


def test_a_missed_round_is_a_gap_and_never_a_zero(history: History, noon: datetime) -> None:
    for number in (0, 1, 3):
        put(history, noon + timedelta(seconds=15 * number), 7.0)
    columns = history.series("r", CHART, noon, noon + timedelta(seconds=45)).columns()
    assert columns["value"] == [7.0, 7.0, None, 7.0]
    assert columns["at"] == [int(noon.timestamp()) + 15 * n for n in range(4)]


def test_a_longer_span_is_thinned_and_keeps_the_peak(history: History, noon: datetime) -> None:
    for number in range(40):
        put(history, noon + timedelta(seconds=15 * number), 100.0 if number == 7 else 1.0)
    day = history.series("r", CHART, noon - timedelta(hours=22), noon + timedelta(hours=1))
    assert day.step == 600
    assert [(p.low, p.high) for p in day.points] == [(1.0, 100.0)]
    assert day.points[0].value == pytest.approx((39 + 100) / 40)
    month = history.series("r", CHART, noon - timedelta(days=30), noon + timedelta(hours=1))
    assert month.step % 3600 == 0
    assert month.points[0].high == 100.0


def test_series_are_a_resources_own(history: History, noon: datetime) -> None:
    put(history, noon, 1.0)
    assert history.series("other", CHART, noon, noon + timedelta(hours=1)).points == ()


def test_what_is_old_is_dropped_tier_by_tier(history: History) -> None:
    put(history, now() - timedelta(days=100), 1.0)
    put(history, now() - timedelta(days=2), 1.0)
    put(history, now(), 1.0)
    with history._reading.connect() as connection:
        rows = connection.execute(select(POINT.c.step, func.count()).group_by(POINT.c.step)).all()
    kept = {row[0]: row[1] for row in rows}
    assert kept == {15: 1, 300: 2, 3600: 2}


def test_the_number_of_figures_is_bounded(history: History, noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "MOST_FIGURES", 3)
    history.write(noon, [Figure("r", f"c{number}", 1.0) for number in range(5)])
    history.write(noon, [Figure("r", "late", 1.0)])
    kept = [
        n for n in range(5) if history.series("r", Chart(f"c{n}", "", "", ""), noon, noon + timedelta(hours=1)).points
    ]
    assert kept == [0, 1, 2]


def test_it_is_there_after_a_restart(history: History, noon: datetime, tmp_path: Path) -> None:
    put(history, noon, 1.0)
    again = History(f"sqlite:///{tmp_path / 'metrics.db'}")
    put(again, noon + timedelta(seconds=15), 2.0)
    assert [p.value for p in again.series("r", CHART, noon, noon + timedelta(minutes=1)).points] == [1.0, 2.0]
    again.close()


def test_a_resources_history_can_be_forgotten(history: History, noon: datetime) -> None:
    put(history, noon, 1.0)
    history.forget("r")
    assert history.series("r", CHART, noon, noon + timedelta(hours=1)).points == ()
    put(history, noon, 2.0)
    assert len(history.series("r", CHART, noon, noon + timedelta(hours=1)).points) == 1


def test_a_slow_collector_has_no_gaps_of_its_own(tmp_path: Path, noon: datetime) -> None:
    history = History(f"sqlite:///{tmp_path / 'slow.db'}", interval=60)
    for number in range(3):
        put(history, noon + timedelta(minutes=number), 1.0)
    series = history.series("r", CHART, noon, noon + timedelta(minutes=2))
    assert series.columns()["value"] == [1.0, 1.0, 1.0]
    history.close()


def test_the_charts_of_an_offering_come_as_documents(history: History) -> None:
    at = now()
    history.write(at, [Figure("r", "connections", 5.0, 50.0), Figure("r", "ready", 1.0, 1.0)])
    offering = fairway_catalog.load().get("postgres")
    documents = {d["name"]: d for d in charts(history, offering, "r", at - timedelta(hours=1), at)}
    assert list(documents) == ["connections", "transactions", "size", "ready"]
    connections = documents["connections"]
    assert (connections["title"], connections["latest"], connections["limit"]) == ("Connections", 5.0, 50.0)
    assert connections["series"]["value"][-1] == 5.0
    assert documents["size"]["latest"] is None


def test_its_database_is_a_file_of_its_own_or_a_schema(tmp_path: Path) -> None:
    settings = load({"FAIRWAY_DATA_DIR": str(tmp_path)})
    assert url_of(settings) == f"sqlite:///{tmp_path / 'metrics.db'}"
    postgres = settings.evolve(database_url="postgresql+psycopg://u@h/d")
    assert url_of(postgres) == "postgresql+psycopg://u@h/d"
    assert url_of(postgres.evolve(metrics_database_url="sqlite:///m.db")) == "sqlite:///m.db"
