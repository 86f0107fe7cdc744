"""Asking for changes: checks, quotas, protection, one run at a time."""

from typing import Any

import pytest
from sqlmodel import Session, select

from fairway.db.database import Database
from fairway.domain import (
    approvals,
    bindings,
    environments,
    events,
    previews,
    progress,
    provisioning,
    resources,
    revisions,
    runs,
    trail,
)
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.domain.environments import Policy
from fairway.domain.wishes import Wish, for_resource
from fairway.errors import (
    Busy,
    Conflict,
    Edited,
    FairwayError,
    Invalid,
    NotFound,
    Protected,
    QuotaExceeded,
    Refused,
    StalePreview,
)
from fairway.models import Operation, PreviewState, Resource, ResourceState, Run, RunState
from tests.cast import Cast
from tests.provisioned import apply


def create(name: str = "orders-db", environment: str = "dev", **changes: Any) -> Wish:
    wanted: dict[str, Any] = {"offering": "postgres", "plan": "dev", **changes}
    return Wish(Operation.CREATE, "shop", environment, name, **wanted)


def test_a_create_makes_the_resource_and_a_queued_run(context: Context, database: Database, cast: Cast) -> None:
    with database.write() as session:
        run = provisioning.request(context, session, cast.bob, create(), reason="for orders")
    with database.read() as session:
        row = resources.named(session, cast.vera, "orders-db", "shop", "dev")
        assert (row.state, row.active_run_id, row.namespace) == (ResourceState.REQUESTED, run.id, "shop-dev")
        assert row.stack == f"shop-dev-orders-db-{row.id[-8:]}"
        assert row.desired["parameters"]["version"] == "18"
        assert row.seeds and "password" not in row.seeds
        assert [e.kind for e in events.after(session, f"run:{run.id}", 0)] == ["state"]
        entry = trail.entries(session, cast.alice, target_id=row.id)[0]
        assert (entry.action, entry.actor_name, entry.comment) == ("resource.create", "bob", "for orders")
        assert entry.diff["plan"] == [None, "dev"]


def test_workers_are_woken_after_the_commit_only(context: Context, database: Database, cast: Cast) -> None:
    woken: list[str] = []
    listening = Context(context.settings, database, context.vault, context.catalog, wake_run=woken.append)
    with pytest.raises(KeyError), database.write() as session:
        provisioning.request(listening, session, cast.bob, create())
        raise KeyError
    assert woken == []
    with database.write() as session:
        run = provisioning.request(listening, session, cast.bob, create())
        assert woken == []
    assert woken == [run.id]


def test_every_wrong_field_is_told_at_once(context: Context, database: Database, cast: Cast) -> None:
    wish = create(plan="huge", parameters={"version": "9", "flavour": "x"}, bindings=("nothing",))
    with database.read() as session, pytest.raises(Invalid) as caught:
        provisioning.request(context, session, cast.bob, wish)
    assert {f.pointer for f in caught.value.fields} == {
        "/plan",
        "/parameters/version",
        "/parameters/flavour",
        "/bindings",
    }


def test_viewers_and_outsiders_may_not(context: Context, database: Database, cast: Cast) -> None:
    with database.read() as session:
        with pytest.raises(Refused, match="As viewer"):
            provisioning.request(context, session, cast.vera, create())
        with pytest.raises(NotFound):
            provisioning.request(context, session, cast.charlie, create())


def test_a_name_must_be_a_dns_label_and_free(context: Context, database: Database, cast: Cast) -> None:
    apply(context, cast.bob, create())
    with database.read() as session:
        with pytest.raises(Invalid, match="such as orders-db"):
            provisioning.request(context, session, cast.bob, create("Orders_DB"))
        with pytest.raises(Conflict, match="already"):
            provisioning.request(context, session, cast.bob, create())


def test_one_run_at_a_time(context: Context, database: Database, cast: Cast) -> None:
    with database.write() as session:
        run = provisioning.request(context, session, cast.bob, create())
        row = session.get_one(Resource, run.resource_id)
        with pytest.raises(Busy, match="in progress"):
            provisioning.request(context, session, cast.bob, for_resource(Operation.UPDATE, row, plan="small"))


def test_an_update_lays_what_is_given_over_what_is_there(context: Context, database: Database, cast: Cast) -> None:
    row = apply(context, cast.bob, create(parameters={"max_connections": 80}))
    row = apply(context, cast.bob, for_resource(Operation.UPDATE, row, plan="small"))
    assert row.applied is not None
    assert (row.plan, row.price_monthly, row.applied["parameters"]["max_connections"]) == ("small", 2900, 80)
    row = apply(context, cast.bob, for_resource(Operation.UPDATE, row, parameters={"max_connections": None}))
    assert row.applied is not None and row.applied["parameters"]["max_connections"] == 50


def test_what_is_fixed_once_created_stays(context: Context, database: Database, cast: Cast) -> None:
    row = apply(context, cast.bob, create())
    wish = for_resource(Operation.UPDATE, row, parameters={"version": "16"})
    with database.read() as session, pytest.raises(Invalid, match="version is fixed once created: it is '18'"):
        provisioning.request(context, session, cast.bob, wish)


def test_quota_and_budget_are_kept(context: Context, database: Database, cast: Cast) -> None:
    with database.write() as session:
        dev = environments.named(session, cast.ada, "dev")
        environments.set_policy(session, cast.ada, dev, Policy(quota_resources=2, quota_monthly=4000), None)
    row = apply(context, cast.bob, create("one"))
    with database.read() as session, pytest.raises(QuotaExceeded, match=r"88\.00 a month in dev.*quota of 40\.00"):
        provisioning.request(context, session, cast.bob, create("two", plan="medium"))
    apply(context, cast.bob, create("two"))
    with database.read() as session, pytest.raises(QuotaExceeded, match="has 2 resources in dev"):
        provisioning.request(context, session, cast.bob, create("three"))
    with database.write() as session:
        session.merge(cast.payments).budget_monthly = 1000
    with database.read() as session, pytest.raises(QuotaExceeded, match="its budget of"):
        wish = for_resource(Operation.UPDATE, row, plan="small")
        provisioning.request(context, session, cast.bob, wish)
    apply(context, cast.bob, for_resource(Operation.UPDATE, row, parameters={"max_connections": 60}))


def test_a_destroy_needs_the_name_typed(context: Context, database: Database, cast: Cast) -> None:
    row = apply(context, cast.bob, create())
    wish = for_resource(Operation.DESTROY, row)
    with database.read() as session, pytest.raises(Invalid, match="Type the name orders-db"):
        provisioning.request(context, session, cast.bob, wish, confirm="orders")
    assert apply(context, cast.bob, wish, confirm="orders-db").destroyed_at is not None
    apply(context, cast.bob, create())


def test_protection_is_lifted_first_by_an_owner(context: Context, database: Database, cast: Cast) -> None:
    row = apply(context, cast.bob, create(environment="prod"))
    assert row.protected
    wish = for_resource(Operation.DESTROY, row)
    with database.read() as session, pytest.raises(Protected):
        provisioning.request(context, session, cast.bob, wish, confirm="orders-db")
    with database.write() as session:
        row = resources.named(session, cast.bob, row.id)
        with pytest.raises(Refused, match="As member you may not lift"):
            resources.set_protected(session, cast.bob, row, False)
        resources.set_protected(session, cast.alice, row, False)
        provisioning.request(context, session, cast.bob, wish, confirm="orders-db")


def test_of_two_edits_of_one_version_the_second_is_told(context: Context, database: Database, cast: Cast) -> None:
    row = apply(context, cast.bob, create())
    wish = for_resource(Operation.UPDATE, row, plan="small")
    with database.read() as session, pytest.raises(Edited):
        provisioning.request(context, session, cast.bob, wish, version=row.version - 1)


def deploy(context: Context, actor: Actor, name: str = "web", **changes: Any) -> Resource:
    wanted = {"offering": "deployment", "plan": "nano", "parameters": {"image": "fairway/demo:1"}, **changes}
    return apply(context, actor, create(name, **wanted))


def test_a_deployment_is_bound_within_its_team_and_environment_only(
    context: Context, database: Database, cast: Cast
) -> None:
    apply(context, cast.bob, create())
    apply(context, cast.bob, create("prod-db", environment="prod"))
    web = deploy(context, cast.bob, bindings=("orders-db",))
    with database.read() as session:
        row = resources.named(session, cast.bob, "orders-db")
        assert [r.name for r in bindings.consumers(session, row)] == ["web"]
        with pytest.raises(Invalid, match="no prod-db that could be bound in dev; there is orders-db"):
            wish = for_resource(Operation.UPDATE, web, bindings=("prod-db",))
            provisioning.request(context, session, cast.bob, wish)
        with pytest.raises(Conflict, match="used by web"):
            wish = for_resource(Operation.DESTROY, row)
            provisioning.request(context, session, cast.bob, wish, confirm="orders-db")
    apply(context, cast.bob, for_resource(Operation.UPDATE, web, bindings=()))
    with database.read() as session:
        assert bindings.consumers(session, row) == []


def test_a_rollback_takes_all_of_a_revision(context: Context, database: Database, cast: Cast) -> None:
    web = deploy(context, cast.bob)
    with database.read() as session, pytest.raises(Conflict, match="nothing to go back to"):
        provisioning.request(context, session, cast.bob, for_resource(Operation.ROLLBACK, web))
    changed = {"image": "fairway/demo:2", "variables": {"COLOUR": "red"}}
    apply(context, cast.bob, for_resource(Operation.UPDATE, web, parameters=changed))
    web = apply(context, cast.bob, for_resource(Operation.ROLLBACK, web))
    assert web.applied is not None
    assert (web.applied["parameters"]["image"], web.applied["parameters"]["variables"]) == ("fairway/demo:1", {})
    with database.read() as session, pytest.raises(Invalid, match="no revision 9; there are 2, 1"):
        provisioning.request(context, session, cast.bob, for_resource(Operation.ROLLBACK, web, revision=9))


def test_after_a_failed_change_a_rollback_takes_the_last_that_worked(
    context: Context, database: Database, cast: Cast
) -> None:
    web = deploy(context, cast.bob)
    with database.write() as session:
        wish = for_resource(Operation.UPDATE, web, parameters={"image": "fairway/nosuch:9"})
        run = provisioning.request(context, session, cast.bob, wish)
        row = resources.named(session, cast.bob, web.id)
        assert progress.begin_applying(session, run, row)
        assert progress.fail(context, session, run, row, {"code": "failed", "message": "no such image"})
        assert row.state is ResourceState.FAILED
        assert [r["current"] for r in revisions.documents(session, cast.bob, row)] == [False]
    web = apply(context, cast.bob, for_resource(Operation.ROLLBACK, row))
    assert web.state is ResourceState.READY
    assert web.applied is not None and web.applied["parameters"]["image"] == "fairway/demo:1"


def ready_preview(context: Context, actor: Actor, wish: Wish) -> str:
    with context.database.write() as session:
        row = previews.ask(context, session, actor, wish)
    with context.database.write() as session:
        assert previews.settle_result(session, row.id, changes=[{"op": "create", "name": "orders-db"}])
    return row.id


def test_what_is_applied_is_what_was_shown(context: Context, database: Database, cast: Cast) -> None:
    shown = ready_preview(context, cast.bob, create())
    with database.write() as session:
        preview = previews.named(session, cast.bob, shown)
        run = provisioning.request(context, session, cast.bob, previews.wish_of(preview), preview)
        assert run.changes == [{"op": "create", "name": "orders-db"}]
    with database.write() as session, pytest.raises((Conflict, StalePreview)):
        preview = previews.named(session, cast.bob, shown)
        provisioning.request(context, session, cast.bob, previews.wish_of(preview), preview)


def test_a_preview_is_stale_when_something_changed(context: Context, database: Database, cast: Cast) -> None:
    row = apply(context, cast.bob, create())
    shown = ready_preview(context, cast.bob, for_resource(Operation.UPDATE, row, plan="small"))
    apply(context, cast.alice, for_resource(Operation.UPDATE, row, parameters={"max_connections": 99}))
    with database.write() as session, pytest.raises(StalePreview, match="Something changed"):
        preview = previews.named(session, cast.bob, shown)
        provisioning.request(context, session, cast.bob, previews.wish_of(preview), preview)


def test_a_preview_supersedes_the_one_that_it_names(context: Context, database: Database, cast: Cast) -> None:
    with database.write() as session:
        first = previews.ask(context, session, cast.bob, create(plan="dev"))
        aside = previews.ask(context, session, cast.bob, create(name="another"))
        others = previews.ask(context, session, cast.alice, create(plan="small"), supersedes=aside.id)
        second = previews.ask(context, session, cast.bob, create(plan="small"), supersedes=first.id)
    with database.write() as session:
        assert [p.id for p in previews.waiting(session)] == [aside.id, others.id, second.id]
        assert not previews.settle_result(session, first.id)
        assert previews.named(session, cast.bob, first.id).state is PreviewState.SUPERSEDED
        document = previews.document(previews.named(session, cast.bob, second.id))
        assert document["price"] == {"before": 0, "after": 2900, "lines": [{"label": "Small", "cents": 2900}]}
        with pytest.raises(NotFound):
            previews.named(session, cast.charlie, second.id)


def waiting_run(context: Context, actor: Actor) -> Run:
    with context.database.write() as session:
        run = provisioning.request(context, session, actor, create(environment="prod"))
        run.state = RunState.AWAITING_APPROVAL
        session.add(run)
        return run


def test_another_person_approves(context: Context, database: Database, cast: Cast) -> None:
    run = waiting_run(context, cast.alice)
    with database.write() as session:
        run = runs.named(session, cast.alice, run.id)
        with pytest.raises(Refused, match="Another person"):
            approvals.decide(context, session, cast.alice, run, True)
        with pytest.raises(Refused, match="As member"):
            approvals.decide(context, session, cast.bob, run, True)
        approvals.decide(context, session, cast.ada, run, True, "looks right")
        decision = runs.document(session, run)["decision"]
        assert decision is not None and decision["by"] == "ada"
        with pytest.raises(Conflict):
            approvals.decide(context, session, cast.ada, run, False)


def test_a_rejected_create_frees_its_name(context: Context, database: Database, cast: Cast) -> None:
    run = waiting_run(context, cast.bob)
    with database.write() as session:
        approvals.decide(context, session, cast.alice, runs.named(session, cast.alice, run.id), False, "not now")
    with database.read() as session:
        run = runs.named(session, cast.bob, run.id)
        assert (run.state, session.get_one(Resource, run.resource_id).state) == (
            RunState.CANCELLED,
            ResourceState.DESTROYED,
        )
    waiting_run(context, cast.bob)


def test_what_has_not_begun_is_cancelled_at_once(context: Context, database: Database, cast: Cast) -> None:
    with database.write() as session:
        run = provisioning.request(context, session, cast.bob, create())
    with database.write() as session:
        run = runs.named(session, cast.bob, run.id[-8:])
        runs.cancel(context, session, cast.bob, run)
        assert run.state is RunState.CANCELLED
        with pytest.raises(Conflict, match="has ended"):
            runs.cancel(context, session, cast.bob, run)


def test_what_was_cancelled_before_it_began_leaves_an_update_undone(
    context: Context, database: Database, cast: Cast
) -> None:
    row = apply(context, cast.bob, create())
    with database.write() as session:
        run = provisioning.request(context, session, cast.bob, for_resource(Operation.UPDATE, row, plan="small"))
        document = resources.document(session, session.get_one(Resource, row.id))
        assert (document["plan"], document["desired"]["plan"]) == ("dev", "small")
        runs.cancel(context, session, cast.bob, run)
    with database.read() as session:
        document = resources.document(session, session.get_one(Resource, row.id))
        assert (document["state"], document["plan"], "desired" in document) == ("ready", "dev", False)


def test_lists_show_ones_own_in_a_fixed_number_of_queries(context: Context, database: Database, cast: Cast) -> None:
    for number in range(4):
        apply(context, cast.bob, create(f"db-{number}"))

    def count(session: Session, actor: Actor) -> int:
        return len(resources.documents(session, resources.visible(session, actor)))

    with database.read() as session:
        assert [count(session, a) for a in (cast.vera, cast.charlie, cast.ada)] == [4, 0, 4]
        assert len(runs.documents(session, runs.visible(session, cast.vera))) == 4
        assert runs.visible(session, cast.charlie) == []
        page = resources.visible(session, cast.bob, limit=2)
        rest = resources.visible(session, cast.bob, before=(page[-1].created_at, page[-1].id))
        assert [r.name for r in [*page, *rest]] == ["db-3", "db-2", "db-1", "db-0"]


def test_names_of_other_teams_resources_are_not_told(context: Context, database: Database, cast: Cast) -> None:
    row = apply(context, cast.bob, create())
    with database.read() as session:
        for ref in (row.id, row.id[-8:], row.name):
            assert resources.named(session, cast.vera, ref).id == row.id
            with pytest.raises(FairwayError, match="no resource"):
                resources.named(session, cast.charlie, ref)
        assert session.exec(select(Run)).one().state is RunState.SUCCEEDED
