"""Leases: one holder at a time, and a fence against those that wake up late."""

import subprocess
import sys

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


def test_of_a_process_of_this_machine_that_was_killed_nobody_waits_for_the_expiry(database: Database) -> None:
    say = "from fairway.db import leases; print(leases.this_process(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", say], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        holder = process.stdout.readline().strip()
        leases.take(database, "janitor", holder, 3600)
        assert leases.take(database, "janitor", leases.this_process(), 20) is None
        process.kill()
    assert leases.take(database, "janitor", leases.this_process(), 20) is not None


def test_nothing_is_assumed_about_processes_of_other_machines(database: Database) -> None:
    leases.take(database, "janitor", "elsewhere|999999999|ab", 3600)
    assert leases.take(database, "janitor", leases.this_process(), 20) is None
