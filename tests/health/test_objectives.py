"""Error budgets: what was measured, over the borders of the history's tiers, and what follows from it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from fairway.db.clock import now
from fairway.health import History
from fairway.health.figures import Figure
from fairway.health.history import POINT
from fairway.health.objectives import DAY, SPANS, Objective, burn, stand
from fairway.health.series import SERVES, Served

FOUR_WEEKS = 28 * DAY
THREE_NINES = Objective(0.999, FOUR_WEEKS)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    history = History(f"sqlite:///{tmp_path / 'metrics.db'}")
    yield history
    history.close()


def put(history: History, at: datetime, value: float, resource: str = "r", seconds: float = 15.0) -> None:
    history.write(at, [Figure(resource, SERVES, value, seconds)])


def served(history: History, days: float, resource: str = "r") -> Served:
    until = now() + timedelta(seconds=1)
    return history.served([resource], until - timedelta(days=days), until).get(resource, Served())


def spans(**found: Served) -> dict[str, Served]:
    named = {"h1": "1h", "m5": "5m", "h6": "6h", "m30": "30m", "d3": "3d"}
    return dict.fromkeys(SPANS, Served()) | {named[name]: value for name, value in found.items()}


def test_each_round_counts_once_whichever_tier_still_has_it(history: History) -> None:
    """Ten days ago is kept by the hour, two days ago by five minutes, this hour by the round."""
    for number in range(8):
        put(history, now() - timedelta(days=10, seconds=15 * number), 0.0 if number < 2 else 1.0)
    for number in range(4):
        put(history, now() - timedelta(days=2, seconds=15 * number), 0.0 if number < 1 else 1.0)
    for number in range(8):
        put(history, now() - timedelta(seconds=15 * number), 0.0 if number < 1 else 1.0)
    assert served(history, 28) == Served(16 * 15, 20 * 15)
    assert served(history, 28).ratio == 0.8
    assert served(history, 6) == Served(10 * 15, 12 * 15)
    assert served(history, 0.2) == Served(7 * 15, 8 * 15)
    assert served(history, 5 / 1440).ratio == 7 / 8


def test_a_mean_is_weighted_by_time_and_not_by_points(history: History) -> None:
    """One hour had a single bad round, another one 99 good ones: 1 of 100 was bad, not a half."""
    hours = now().replace(minute=0, second=0, microsecond=0) - timedelta(days=20)
    put(history, hours, 0.0)
    for number in range(99):
        put(history, hours + timedelta(hours=1, seconds=15 * number), 1.0)
    assert served(history, 28).ratio == 0.99


def test_rounds_of_another_interval_weigh_their_own_seconds(history: History) -> None:
    """10 rounds of a minute were bad, 40 of 15 s good: 600 of 1200 seconds."""
    for number in range(10):
        put(history, now() - timedelta(days=3, minutes=number), 0.0, seconds=60.0)
    for number in range(40):
        put(history, now() - timedelta(days=1, seconds=15 * number), 1.0)
    assert served(history, 28) == Served(600.0, 1200.0)


@pytest.mark.parametrize("interval", [300, 3600])
def test_an_interval_as_long_as_a_tier_counts_once(tmp_path: Path, interval: int) -> None:
    history = History(f"sqlite:///{tmp_path / 'slow.db'}", interval)
    put(history, now(), 1.0, seconds=interval)
    assert served(history, 28) == served(history, 0.2) == Served(interval, interval)
    history.close()


def test_an_interval_between_two_tiers_is_bounded_too(tmp_path: Path) -> None:
    history = History(f"sqlite:///{tmp_path / 'slow.db'}", 600)
    for days in (1, 0):
        put(history, now() - timedelta(days=days), 1.0, seconds=600)
    with history._reading.connect() as connection:
        kept = connection.execute(select(func.count()).where(POINT.c.step == 600)).scalar_one()
    assert kept == 1
    history.close()


def test_time_out_of_the_window_and_other_resources_do_not_count(history: History) -> None:
    put(history, now() - timedelta(days=40), 0.0)
    put(history, now(), 1.0)
    put(history, now(), 0.0, "other")
    assert served(history, 28) == Served(15, 15)
    assert served(history, 60) == Served(15, 30)
    until = now() + timedelta(seconds=1)
    both = history.served(["r", "other", "third"], until - timedelta(hours=1), until)
    assert both == {"r": Served(15, 15), "other": Served(0, 15)}


def test_a_budget_is_spent_by_the_second() -> None:
    """0.1 % of 28 days are 2419.2 s; 604.8 s of failing are a quarter of them."""
    found = stand(THREE_NINES, Served(FOUR_WEEKS - 604.8, FOUR_WEEKS), spans(), 2 * FOUR_WEEKS)
    assert THREE_NINES.budget == pytest.approx(2419.2)
    assert found.spent == pytest.approx(604.8) and found.left_ratio == pytest.approx(0.75)
    assert found.ratio == pytest.approx(1 - 604.8 / FOUR_WEEKS)
    assert (found.coverage, found.state) == (1.0, "met")


def test_what_is_younger_than_the_window_has_the_whole_budget_and_is_covered_by_its_own_age() -> None:
    """One hour old, measured for 30 minutes, 6 of them failing: 360 of 2419.2 s are spent."""
    found = stand(THREE_NINES, Served(1440, 1800), spans(), 3600)
    assert (found.ratio, found.coverage) == (0.8, 0.5)
    assert found.left_ratio == pytest.approx(1 - 360 / 2419.2)
    assert found.state == "met"


def test_an_overspent_budget_is_breached_and_says_by_how_much() -> None:
    found = stand(THREE_NINES, Served(FOUR_WEEKS - 4838.4, FOUR_WEEKS), spans(), FOUR_WEEKS)
    assert found.left_ratio == pytest.approx(-1.0)
    assert found.state == "breached"


def test_nothing_measured_is_unknown_and_not_met() -> None:
    found = stand(THREE_NINES, Served(), spans(), FOUR_WEEKS)
    assert (found.ratio, found.coverage, found.spent, found.left_ratio, found.state) == (None, 0, None, None, "unknown")
    assert found.burn == {"1h": None, "6h": None, "3d": None}


def test_a_burn_rate_of_one_spends_the_budget_in_one_window() -> None:
    assert burn(THREE_NINES, Served(998.0, 1000.0), 1000.0) == pytest.approx(2.0)
    assert burn(Objective(0.9, DAY), Served(90.0, 100.0), 100.0) == pytest.approx(1.0)


def test_what_was_not_measured_burns_nothing() -> None:
    """4 of the first 19 seconds were failing: 3.6 seconds of an hour are allowed."""
    found = stand(THREE_NINES, Served(15, 19), spans(h1=Served(15, 19), m5=Served(15, 19)), 19)
    assert found.burn["1h"] == pytest.approx(4 / 3.6)
    assert found.state == "met"
    assert burn(THREE_NINES, Served(), 3600) is None


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ({"h1": Served(3540, 3600), "m5": Served(290, 300)}, "at_risk"),  # 16.7 and 33 times
        ({"h1": Served(3540, 3600), "m5": Served(300, 300)}, "met"),  # it has ended
        ({"h1": Served(3600, 3600), "m5": Served(290, 300)}, "met"),  # it has just begun
        ({"h1": Served(3540, 3600)}, "met"),  # nobody looked of late
        ({"h6": Served(21460, 21600), "m30": Served(1788, 1800)}, "at_risk"),  # 6.5 and 6.7 times
        ({"h6": Served(21480, 21600), "m30": Served(1790, 1800)}, "met"),  # 5.6 and 5.6 times
    ],
)
def test_it_is_at_risk_when_a_long_and_a_short_span_burn(found: dict[str, Served], state: str) -> None:
    whole = Served(FOUR_WEEKS - 60, FOUR_WEEKS)
    assert stand(THREE_NINES, whole, spans(**found), FOUR_WEEKS).state == state
