"""Service level objectives: who may, what is valid, what is on record, and how they stand."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import select

from fairway.db.clock import now
from fairway.db.database import Database
from fairway.domain import services, slos, standings, trail
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.domain.documents import SloDocument
from fairway.errors import Conflict, Edited, Invalid, NotFound, Refused, Unreachable
from fairway.health import History
from fairway.health.figures import Figure
from fairway.health.series import SERVES, Served
from fairway.models import Resource, Slo
from tests.cast import Cast
from tests.kube.assembly import add_resource


@pytest.fixture
def row(database: Database, cast: Cast) -> Resource:
    return add_resource(database, cast, "db", "postgres")


@pytest.fixture
def history(context: Context) -> History:
    assert isinstance(context.history, History)
    return context.history


def put(database: Database, actor: Actor, row: Resource, objective: float = 99.9, days: int = 28, **more: Any) -> Slo:
    with database.write() as session:
        return slos.put(session, actor, session.get_one(Resource, row.id), objective, days, **more)


def standing(context: Context, actor: Actor, row: Resource) -> SloDocument:
    with context.database.read() as session:
        found = standings.promises(session, [slos.of(session, actor, session.get_one(Resource, row.id))])
    return standings.documents(context, found)[0]


def test_a_member_sets_changes_and_removes_it_on_record(database: Database, cast: Cast, row: Resource) -> None:
    assert put(database, cast.bob, row).version == 1
    changed = put(database, cast.alice, row, 99.95, 7)
    assert (changed.objective, changed.window_days, changed.version) == (99.95, 7, 2)
    assert changed.set_by == cast.alice.user_id
    with database.write() as session:
        slos.remove(session, cast.bob, row)
    with database.read() as session:
        assert session.exec(select(Slo)).all() == []
        found = trail.entries(session, cast.alice, target_id=row.id)
        assert [(e.action, e.actor_name, e.diff) for e in reversed(found)] == [
            ("slo.set", "bob", {"objective": [None, 99.9], "window_days": [None, 28]}),
            ("slo.set", "alice", {"objective": [99.9, 99.95], "window_days": [28, 7]}),
            ("slo.remove", "bob", {"objective": [99.95, None], "window_days": [7, None]}),
        ]


def test_setting_what_is_set_changes_nothing(database: Database, cast: Cast, row: Resource) -> None:
    put(database, cast.bob, row)
    assert put(database, cast.alice, row).version == 1
    with database.read() as session:
        assert len(trail.entries(session, cast.alice, target_id=row.id)) == 1


def test_viewers_read_and_outsiders_are_told_nothing(database: Database, cast: Cast, row: Resource) -> None:
    with pytest.raises(Refused, match="As viewer you may not set the SLO of db"):
        put(database, cast.vera, row)
    with pytest.raises(NotFound):
        put(database, cast.charlie, row)
    put(database, cast.bob, row)
    with database.write() as session:
        assert slos.of(session, cast.vera, row).objective == 99.9
        with pytest.raises(NotFound):
            slos.of(session, cast.charlie, row)
        with pytest.raises(Refused, match="remove"):
            slos.remove(session, cast.vera, row)
    with database.read() as session:
        assert [len(slos.visible(session, a)) for a in (cast.ada, cast.vera, cast.charlie)] == [1, 1, 0]


def test_a_token_without_the_scope_changes_nothing(database: Database, cast: Cast, row: Resource) -> None:
    reader = Actor(cast.bob.user_id, "bob", roles=cast.bob.roles, scopes=frozenset({"read"}), via="api")
    with pytest.raises(Refused, match="lacks the scope write"):
        put(database, reader, row)


@pytest.mark.parametrize(
    ("objective", "days", "pointers"),
    [
        (50.0, 28, ["/objective"]),
        (100.0, 28, ["/objective"]),
        (-1.0, 28, ["/objective"]),
        (float("nan"), 28, ["/objective"]),
        (float("inf"), 28, ["/objective"]),
        (99.9995, 28, ["/objective"]),
        (99.9, 0, ["/window_days"]),
        (99.9, 91, ["/window_days"]),
        (0.999, -3, ["/objective", "/window_days"]),
    ],
)
def test_wrong_fields_are_named_with_one_that_works(
    database: Database, cast: Cast, row: Resource, objective: float, days: int, pointers: list[str]
) -> None:
    with pytest.raises(Invalid) as caught:
        put(database, cast.bob, row, objective, days)
    assert [f.pointer for f in caught.value.fields] == pointers
    assert all("such as" in f.detail for f in caught.value.fields)


@pytest.mark.parametrize(("objective", "days"), [(50.001, 1), (99.999, 90), (95, 7), (99.5, 28)])
def test_what_is_within_the_bounds_is_kept_as_it_is(
    database: Database, cast: Cast, row: Resource, objective: float, days: int
) -> None:
    put(database, cast.bob, row, objective, days)
    with database.read() as session:
        kept = slos.of(session, cast.bob, row)
        assert (kept.objective, kept.window_days) == (objective, days)


def test_an_edit_of_what_was_changed_meanwhile_is_refused(database: Database, cast: Cast, row: Resource) -> None:
    first = put(database, cast.bob, row)
    put(database, cast.alice, row, 99.5, version=first.version)
    with pytest.raises(Edited):
        put(database, cast.bob, row, 99.0, version=first.version)
    with database.write() as session, pytest.raises(Edited):
        slos.remove(session, cast.bob, row, version=first.version)


def test_one_that_is_not_there_is_not_found_and_says_how_to_set_it(
    database: Database, cast: Cast, row: Resource
) -> None:
    with database.write() as session:
        for verb in (slos.of, slos.remove):
            with pytest.raises(NotFound, match="db has no SLO") as caught:
                verb(session, cast.bob, row)
            assert "fairway slo set db" in caught.value.hint


def test_it_stays_readable_with_a_destroyed_resource_and_leaves_the_lists(
    context: Context, database: Database, cast: Cast, row: Resource, history: History
) -> None:
    put(database, cast.bob, row)
    end = now() - timedelta(hours=2)
    history.write(end - timedelta(minutes=1), [Figure(row.id, SERVES, 1.0, 15.0)])
    history.write(now(), [Figure(row.id, SERVES, 0.0, 15.0)])
    with database.write() as session:
        session.get_one(Resource, row.id).destroyed_at = end
    with database.read() as session:
        assert slos.visible(session, cast.bob) == []
    assert standing(context, cast.vera, row)["ratio"] == 1.0
    with database.write() as session:
        gone = session.get_one(Resource, row.id)
        for verb in (lambda: slos.put(session, cast.bob, gone, 99.0), lambda: slos.remove(session, cast.bob, gone)):
            with pytest.raises(Conflict, match="db is destroyed"):
                verb()


def test_how_it_stands_comes_from_the_history(
    context: Context, database: Database, cast: Cast, row: Resource, history: History
) -> None:
    put(database, cast.bob, row, 99.0, 1)
    assert standing(context, cast.vera, row)["state"] == "unknown"
    with database.write() as session:
        session.get_one(Resource, row.id).created_at = now() - timedelta(days=2)
    for number in range(40):
        history.write(now() - timedelta(seconds=15 * number), [Figure(row.id, SERVES, float(number != 5), 15.0)])
    found = standing(context, cast.vera, row)
    assert (found["resource"], found["name"], found["service"], found["environment"]) == (row.id, "db", "shop", "dev")
    assert (found["ratio"], found["budget"]) == (0.975, {"seconds": 864.0, "spent": 15.0, "left_ratio": 0.9826})
    assert found["coverage"] == round(600 / 86400, 4)
    assert found["burn"] == {"1h": 0.42, "6h": 0.07, "3d": 0.01}
    assert (found["state"], found["source"], found["silent"], found["set_by"]) == ("met", "fairway", "", "bob")


def test_a_history_that_does_not_answer_leaves_it_unknown_and_says_why(
    context: Context, database: Database, cast: Cast, row: Resource, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, cast.bob, row)

    def refuse(*_: object) -> None:
        raise Unreachable("Prometheus does not answer: refused")

    monkeypatch.setattr(history, "served", refuse)
    found = standing(context, cast.vera, row)
    assert (found["state"], found["ratio"], found["coverage"]) == ("unknown", None, None)
    assert found["silent"] == "Prometheus does not answer: refused"
    assert found["objective"] == 99.9


def test_a_list_asks_a_fixed_number_of_questions(
    context: Context, database: Database, cast: Cast, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    read = history.served

    def count(ids: Sequence[str], since: datetime, until: datetime) -> Mapping[str, Served]:
        asked.append(len(ids))
        return read(ids, since, until)

    monkeypatch.setattr(history, "served", count)
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))

    def listed() -> tuple[int, int, int]:
        asked.clear()
        statements.clear()
        with database.read() as session:
            found = standings.promises(session, slos.visible(session, cast.vera, limit=50))
        documents = standings.documents(context, found)
        return len(documents), len(statements), len(asked)

    put(database, cast.bob, add_resource(database, cast, "db-0"))
    _, queries, questions = listed()
    for number in range(1, 8):
        put(database, cast.bob, add_resource(database, cast, f"db-{number}"))
    assert listed() == (8, queries, questions)
    assert set(asked) == {8}


def test_a_trial_costs_the_time_in_which_its_probes_failed(database: Database, cast: Cast, row: Resource) -> None:
    """60 slots of 0.2 s, of which 57 were answered and one was never sent: 0.4 s of 2419.2."""
    seen = {"ok": 57, "scheduled": 60, "not_sent": 1, "cadence": 0.2}
    with database.read() as session:
        assert slos.cost(session, row.id, seen) is None
    put(database, cast.bob, row)
    with database.read() as session:
        found = slos.cost(session, row.id, seen)
        assert slos.cost(session, row.id, None) is None
    assert found == {"objective": 99.9, "window_days": 28, "seconds": 2419.2, "spent": 0.4, "ratio": 0.0002}


def test_lists_are_filtered_and_go_on_by_keys(database: Database, cast: Cast) -> None:
    for number in range(4):
        put(database, cast.bob, add_resource(database, cast, f"db-{number}"))
    with database.write() as session:
        blog = services.create(session, cast.bob, "blog", cast.payments)
        other = session.exec(select(Resource).where(Resource.name == "db-3")).one()
        other.service_id, other.environment_id = blog.id, cast.prod.id
    with database.read() as session:

        def names(found: Any) -> list[str]:
            return [session.get_one(Resource, slo.resource_id).name for slo in found]

        assert names(slos.visible(session, cast.bob, service="blog")) == ["db-3"]
        assert names(slos.visible(session, cast.bob, environment="dev")) == ["db-2", "db-1", "db-0"]
        page = slos.visible(session, cast.bob, limit=3)
        rest = slos.visible(session, cast.bob, limit=3, before=(page[-1].created_at, page[-1].id))
        assert names([*page, *rest]) == ["db-3", "db-2", "db-1", "db-0"]
        with pytest.raises(NotFound):
            slos.visible(session, cast.bob, service="nothing")
