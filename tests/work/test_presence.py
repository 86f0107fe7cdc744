"""Executors that are gone are claimed once, and by the next one if their claimer is gone too."""

from datetime import timedelta

import pytest
from sqlmodel import select

from fairway.db.clock import now
from fairway.domain.context import Context
from fairway.models import Lease, RunState
from fairway.work import presence, worker
from fairway.work.presence import Presence
from tests.until import until
from tests.work.conftest import Stage, create


def run_out(context: Context, *executors: str) -> None:
    with context.database.write() as session:
        for executor in executors:
            row = session.get_one(Lease, presence.PREFIX + executor)
            row.expires_at = now() - timedelta(seconds=1)
            session.add(row)


def leases(context: Context) -> list[str]:
    with context.database.read() as session:
        return [row.name.removeprefix(presence.PREFIX) for row in session.exec(select(Lease)).all()]


def here(context: Context, executor: str) -> Presence:
    found = Presence(context.database, executor)
    found.hold()
    return found


def test_who_is_there_is_claimed_by_nobody(context: Context) -> None:
    one, other = here(context, "one"), here(context, "other")
    assert one.hold() and other.hold()
    assert (one.claim(), other.claim()) == ([], [])


def test_who_is_gone_is_claimed_once(context: Context) -> None:
    here(context, "gone")
    one, other = here(context, "one"), here(context, "other")
    run_out(context, "gone")
    assert one.claim() == ["gone"]
    assert (one.claim(), other.claim()) == ([], [])
    one.let_go(["gone"])
    run_out(context, "one")
    assert other.claim() == ["one"]


def test_a_claimer_that_dies_before_it_has_gone_on_leaves_it_to_the_next(context: Context) -> None:
    here(context, "gone")
    one, other = here(context, "one"), here(context, "other")
    run_out(context, "gone")
    assert one.claim() == ["gone"]
    run_out(context, "gone", "one")
    assert sorted(other.claim()) == ["gone", "one"]


def test_who_is_there_again_learns_that_it_was_taken_over_and_stays(context: Context) -> None:
    back, other = here(context, "back"), here(context, "other")
    run_out(context, "back")
    assert other.claim() == ["back"]
    assert not back.hold()
    other.let_go(["back"])
    assert back.hold()


def test_who_was_only_late_has_lost_nothing(context: Context) -> None:
    late = here(context, "late")
    run_out(context, "late")
    assert late.hold()


def test_a_worker_goes_on_with_what_one_that_is_gone_was_at(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "BEAT_EVERY", 0.05)
    stage.restart()
    here(stage.context, "gone")
    run_out(stage.context, "gone")
    until(lambda: ("release", "gone") in stage.engine.calls)
    until(lambda: "gone" not in leases(stage.context))


def test_a_worker_that_was_taken_over_abandons_what_it_is_at(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "BEAT_EVERY", 0.05)
    stage.restart()
    with stage.context.database.write() as session:
        for row in session.exec(select(Lease)).all():
            row.holder = "another"
            session.add(row)
    until(lambda: ("abandon", "") in stage.engine.calls)
    assert stage.end(stage.ask(create())).state is RunState.SUCCEEDED
