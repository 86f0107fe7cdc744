"""Leases: one holder at a time, and a fence against those that wake up late."""

import pytest

from fairway.db import leases
from fairway.db.database import Database


def test_one_holds_it_and_renews_it(database: Database) -> None:
    held = leases.take(database, "janitor", "a", 20)
    assert held == leases.Held("janitor", "a", 1)
    assert leases.take(database, "janitor", "b", 20) is None
    assert leases.take(database, "janitor", "a", 20) == held


def test_another_takes_over_after_the_expiry_with_a_greater_epoch(database: Database) -> None:
    leases.take(database, "janitor", "a", -1)
    assert leases.take(database, "janitor", "b", 20) == leases.Held("janitor", "b", 2)


def test_a_late_holder_is_fenced_off(database: Database) -> None:
    late = leases.take(database, "janitor", "a", -1)
    assert late is not None
    with database.write() as session:
        leases.require(session, late)
    leases.take(database, "janitor", "b", 20)
    with pytest.raises(leases.LeaseLost), database.write() as session:
        leases.require(session, late)


def test_a_released_one_is_free_at_once(database: Database) -> None:
    held = leases.take(database, "janitor", "a", 20)
    assert held is not None
    leases.release(database, held)
    assert leases.take(database, "janitor", "b", 20) is not None
