"""Rotating a password: who may, of what, and what is kept at every instant."""

from typing import Any

import pytest

from fairway.db.database import Database
from fairway.domain import (
    approvals,
    connections,
    environments,
    follow_ups,
    previews,
    progress,
    provisioning,
    resources,
    runs,
    trail,
)
from fairway.domain import seeds as made
from fairway.domain.actor import SYSTEM, Actor
from fairway.domain.context import Context
from fairway.domain.environments import Policy
from fairway.domain.wishes import Wish, for_resource
from fairway.errors import Busy, Conflict, Edited, Invalid, NotFound, Refused, StalePreview
from fairway.models import Operation, Resource, ResourceState, Run, RunState
from tests import provisioned
from tests.cast import Cast

ERROR = {"code": "engine", "message": "no room", "hint": "Free some.", "causes": []}
SECRET = {"op": "create-replacement", "type": "kubernetes:core/v1:Secret"}
WORKLOAD = {"op": "update", "type": "kubernetes:apps/v1:StatefulSet"}


def password(context: Context, row: Resource, sealed: str | None) -> str:
    return str(made.opened(context, row.id, sealed).get("password", ""))


def told(context: Context, row: Resource) -> str:
    with context.database.write() as session:
        return connections.of(context, session, SYSTEM, row, reveal=True)["password"]


def make(context: Context, actor: Actor, name: str = "db", **given: Any) -> Resource:
    """Ready, with the password that Fairway made for it among what it hands out."""
    wanted = {"service": "shop", "environment": "dev", "offering": "postgres", "plan": "dev", **given}
    return provisioned.make(context, actor, Wish(Operation.CREATE, name=name, **wanted))


def bind(context: Context, actor: Actor, name: str = "web", *used: str, **given: Any) -> Resource:
    parameters = {"image": "fairway/demo:1"}
    wanted = {"offering": "deployment", "plan": "nano", "parameters": parameters, "bindings": used, **given}
    return make(context, actor, name, **wanted)


def ask(context: Context, actor: Actor, row: Resource, **given: Any) -> Run:
    with context.database.write() as session:
        return provisioning.request(context, session, actor, for_resource(Operation.ROTATE, row), **given)


def test_a_member_rotates_and_the_new_password_is_kept_beside_the_present_one(
    context: Context, database: Database, cast: Cast
) -> None:
    row = make(context, cast.bob)
    before = told(context, row)
    run = ask(context, cast.bob, row, reason="it was in a chat")
    with database.read() as session:
        row = session.get_one(Resource, row.id)
        entry = trail.entries(session, cast.alice, target_id=row.id)[0]
    new = password(context, row, row.next_seeds)
    assert len(new) == 32 and new != before and row.next_seeds and new not in row.next_seeds
    assert (password(context, row, row.seeds), told(context, row)) == (before, before)
    assert (entry.action, entry.comment) == ("resource.rotate", "it was in a chat")
    assert entry.diff == {"password": ["********", "a new one"], "run": [None, run.id]}


def test_viewers_and_outsiders_may_not(context: Context, database: Database, cast: Cast) -> None:
    row = make(context, cast.bob)
    with pytest.raises(Refused, match="As viewer you may not rotate resources of team payments"):
        ask(context, cast.vera, row)
    with pytest.raises(NotFound):
        ask(context, cast.charlie, row)
    with pytest.raises(Edited):
        ask(context, cast.bob, row, version=row.version - 1)


def test_what_has_no_password_of_fairways_is_refused_by_its_offerings_name(
    context: Context, database: Database, cast: Cast
) -> None:
    make(context, cast.bob)
    web = bind(context, cast.bob, "web", "db")
    with pytest.raises(Invalid, match=r"A deployment has no password that Fairway made.*what it is bound to: db"):
        ask(context, cast.bob, web)
    foreign = provisioned.apply(context, cast.bob, Wish(Operation.CREATE, "shop", "dev", "own", "redis", "dev"))
    with pytest.raises(Invalid, match="A redis has no password that Fairway made") as caught:
        ask(context, cast.bob, foreign)
    assert [f.pointer for f in caught.value.fields] == ["/operation"]


def test_a_rotation_changes_nothing_else(context: Context, database: Database, cast: Cast) -> None:
    row = make(context, cast.bob)
    wish = for_resource(Operation.ROTATE, row, plan="small", parameters={"max_connections": 60})
    with database.read() as session, pytest.raises(Invalid, match="changes the password alone") as caught:
        provisioning.request(context, session, cast.bob, wish)
    assert {f.pointer for f in caught.value.fields} == {"/plan", "/parameters"}


def test_what_was_never_ready_is_gone_or_is_busy_is_not_rotated(
    context: Context, database: Database, cast: Cast
) -> None:
    with database.write() as session:
        run = provisioning.request(
            context, session, cast.bob, Wish(Operation.CREATE, "shop", "dev", "db", "postgres", "dev")
        )
        row = session.get_one(Resource, run.resource_id)
    with pytest.raises(Conflict, match="never ready: there is nothing to rotate"):
        ask(context, cast.bob, row)
    other = make(context, cast.bob, "other")
    ask(context, cast.bob, other)
    with pytest.raises(Busy):
        ask(context, cast.bob, other)
    gone = make(context, cast.bob, "gone")
    gone = provisioned.apply(context, cast.bob, for_resource(Operation.DESTROY, gone), confirm="gone")
    assert (gone.seeds, gone.credentials) == (None, None)
    with pytest.raises(Conflict, match="gone is destroyed"):
        ask(context, cast.bob, gone)


def test_approval_is_needed_where_an_update_needs_it(context: Context, database: Database, cast: Cast) -> None:
    row = make(context, cast.bob, environment="prod")
    assert ask(context, cast.bob, row).needs_approval


def test_a_preview_says_who_follows_and_is_stale_when_that_changes(
    context: Context, database: Database, cast: Cast
) -> None:
    row = make(context, cast.bob)
    bind(context, cast.bob, "web", "db")
    with database.write() as session:
        preview = previews.ask(context, session, cast.bob, for_resource(Operation.ROTATE, row))
        document = previews.document(preview)
        previews.settle_result(session, preview.id)
    assert document["followers"] == ["shop/web"]
    assert document["fields"] == [{"field": "password", "before": "********", "after": "a new one"}]
    bind(context, cast.bob, "api", "db")
    with pytest.raises(StalePreview, match="Something changed"):
        ask(context, cast.bob, row, preview=preview)


def test_cancelled_before_it_begins_it_leaves_the_old_password_and_a_retry_brings_the_same_new_one(
    context: Context, database: Database, cast: Cast
) -> None:
    row = make(context, cast.bob)
    before, run = told(context, row), ask(context, cast.bob, row)
    with database.write() as session:
        runs.cancel(context, session, cast.bob, session.get_one(Run, run.id))
        row = session.get_one(Resource, row.id)
        new = password(context, row, row.next_seeds)
        assert (row.state, session.get_one(Run, run.id).state) == (ResourceState.READY, RunState.CANCELLED)
    assert (told(context, row), password(context, row, row.seeds)) == (before, before)
    row = provisioned.make(context, cast.bob, for_resource(Operation.UPDATE, row, plan="small"))
    assert password(context, row, row.seeds) == before
    again = ask(context, cast.bob, row)
    row = provisioned.begin(context, again)
    assert (password(context, row, row.seeds), password(context, row, row.previous_seeds)) == (new, before)


@pytest.mark.parametrize(("steps", "turned"), [((), False), ((SECRET,), False), ((SECRET, WORKLOAD), True)])
def test_a_failure_in_the_middle_keeps_both_and_tells_the_one_that_the_server_takes(
    context: Context, database: Database, cast: Cast, steps: tuple[dict[str, str], ...], turned: bool
) -> None:
    row = make(context, cast.bob)
    bind(context, cast.bob, "web", "db")
    before, run = told(context, row), ask(context, cast.bob, row)
    row = provisioned.begin(context, run, *steps)
    new = password(context, row, row.seeds)
    with database.write() as session:
        run, row = session.get_one(Run, run.id), session.get_one(Resource, row.id)
        assert progress.fail(context, session, run, row, ERROR)
        assert follow_ups.documents(session, run) == []
    assert (password(context, row, row.seeds), password(context, row, row.previous_seeds)) == (new, before)
    assert (row.state, told(context, row)) == (ResourceState.FAILED, new if turned else before)
    assert run.error and run.error["message"] == "no room" and run.error["hint"].startswith("Free some. The server")
    assert ("still takes the old password" in run.error["hint"]) is not turned
    assert "goes on with the same new password" in run.error["hint"]
    assert new not in str(run.error) and before not in str(run.error)
    with database.write() as session:
        again = runs.retry(context, session, cast.bob, session.get_one(Run, run.id))
    row = provisioned.succeed(context, again)
    assert (told(context, row), password(context, row, row.seeds), row.previous_seeds) == (new, new, None)
    with database.read() as session:
        assert [f["name"] for f in follow_ups.documents(session, again)] == ["web"]


def test_cancelled_in_the_middle_it_says_what_is_valid(context: Context, database: Database, cast: Cast) -> None:
    row = make(context, cast.bob)
    run = ask(context, cast.bob, row)
    provisioned.begin(context, run, WORKLOAD)
    with database.write() as session:
        run, row = session.get_one(Run, run.id), session.get_one(Resource, row.id)
        assert progress.cancel(context, session, run, row)
        assert run.error and run.error["code"] == "cancelled" and "takes the new password" in run.error["hint"]


def test_another_change_after_a_failure_goes_on_to_the_new_password_and_a_rollback_never_brings_the_old_one_back(
    context: Context, database: Database, cast: Cast
) -> None:
    row = make(context, cast.bob)
    row = provisioned.make(context, cast.bob, for_resource(Operation.UPDATE, row, plan="small"))
    bind(context, cast.bob, "web", "db")
    run = ask(context, cast.bob, row)
    row = provisioned.begin(context, run)
    new = password(context, row, row.seeds)
    with database.write() as session:
        progress.fail(context, session, session.get_one(Run, run.id), session.get_one(Resource, row.id), ERROR)
    with database.write() as session:
        back = provisioning.request(context, session, cast.bob, for_resource(Operation.ROLLBACK, row))
    row = provisioned.succeed(context, back)
    assert (row.state, row.plan, told(context, row)) == (ResourceState.READY, "dev", new)
    with database.read() as session:
        assert [f["name"] for f in follow_ups.documents(session, back)] == ["web"]


def test_a_rotation_is_no_revision_to_go_back_to(context: Context, database: Database, cast: Cast) -> None:
    row = make(context, cast.bob)
    provisioned.succeed(context, ask(context, cast.bob, row))
    with database.read() as session, pytest.raises(Conflict, match="nothing to go back to"):
        provisioning.request(context, session, cast.bob, for_resource(Operation.ROLLBACK, row))


def rotated(context: Context, cast: Cast, row: Resource) -> Run:
    run = ask(context, cast.bob, row)
    provisioned.succeed(context, run)
    return run


def test_every_living_deployment_that_is_bound_gets_an_update_of_its_own(
    context: Context, database: Database, cast: Cast
) -> None:
    row = make(context, cast.bob)
    web, api = (bind(context, cast.bob, name, "db") for name in ("web", "api"))
    gone = bind(context, cast.bob, "gone", "db")
    provisioned.apply(context, cast.bob, for_resource(Operation.DESTROY, gone), confirm="gone")
    unbound = bind(context, cast.bob, "unbound", "db")
    provisioned.apply(context, cast.bob, for_resource(Operation.UPDATE, unbound, bindings=()))
    run = rotated(context, cast, row)
    with database.read() as session:
        document = runs.with_steps(session, session.get_one(Run, run.id))
        follower = session.get_one(Run, session.get_one(Resource, web.id).active_run_id)
        assert [(f["name"], f["state"]) for f in document["followers"]] == [("api", "queued"), ("web", "queued")]
        assert (follower.operation, follower.reason) == (Operation.UPDATE, "Takes the new password of db")
        assert runs.with_steps(session, follower)["follows"] == run.id
        entry = trail.entries(session, cast.alice, target_id=web.id)[0]
        assert (entry.action, entry.actor_name, entry.via) == ("resource.update", "bob", "system")
        assert {m["name"] for m in follow_ups.missing(session, row)} == {"web", "api"}
        assert api.id in {f["id"] for f in document["followers"]}


def test_who_is_busy_follows_when_that_ends(context: Context, database: Database, cast: Cast) -> None:
    row = make(context, cast.bob)
    web = bind(context, cast.bob, "web", "db")
    with database.write() as session:
        wish = for_resource(Operation.UPDATE, web, parameters={"replicas": 2})
        busy = provisioning.request(context, session, cast.bob, wish)
    first, second = rotated(context, cast, row), rotated(context, cast, row)
    with database.read() as session:
        (waiting,) = follow_ups.documents(session, first)
        assert (waiting["state"], waiting["run"], waiting["waits_for"]) == ("waiting", None, busy.id)
    with database.write() as session:
        run = session.get_one(Run, busy.id)
        progress.begin_applying(session, run, session.get_one(Resource, web.id))
        progress.fail(context, session, run, session.get_one(Resource, web.id), ERROR)
    with database.read() as session:
        ((one,), (two,)) = (follow_ups.documents(session, run) for run in (first, second))
        assert one["run"] == two["run"] and one["state"] == "queued"
        run = session.get_one(Run, one["run"])
        assert run.desired["parameters"]["replicas"] == 1  # what was applied last, not what failed


@pytest.mark.parametrize("end", ["destroyed", "unbound"])
def test_who_is_not_bound_any_more_once_it_could_follow_does_not(
    context: Context, database: Database, cast: Cast, end: str
) -> None:
    row = make(context, cast.bob)
    web = bind(context, cast.bob, "web", "db")
    wish = for_resource(Operation.DESTROY if end == "destroyed" else Operation.UPDATE, web, bindings=())
    with database.write() as session:
        busy = provisioning.request(context, session, cast.bob, wish, confirm="web")
    run = rotated(context, cast, row)
    with database.write() as session:
        provisioned.finish(context, session, session.get_one(Run, busy.id))
        (follower,) = follow_ups.documents(session, run)
    assert (follower["state"], follower["run"]) == ("dropped", None)
    assert ("destroyed" if end == "destroyed" else "not bound to db any more") in follower["detail"]


def test_a_follower_that_failed_is_told_until_a_run_of_it_succeeds(
    context: Context, database: Database, cast: Cast
) -> None:
    row = make(context, cast.bob)
    web = bind(context, cast.bob, "web", "db")
    run = rotated(context, cast, row)
    with database.write() as session:
        (follower,) = follow_ups.documents(session, run)
        failing = session.get_one(Run, follower["run"])
        progress.begin_applying(session, failing, session.get_one(Resource, web.id))
        progress.fail(context, session, failing, session.get_one(Resource, web.id), ERROR)
        (told,) = follow_ups.missing(session, row)
        assert (told["name"], told["state"], told["detail"]) == ("web", "failed", "no room")
        again = runs.retry(context, session, cast.bob, failing)
        assert follow_ups.documents(session, run)[0]["run"] == again.id
    provisioned.succeed(context, again)
    with database.read() as session:
        assert follow_ups.missing(session, row) == []
        assert follow_ups.documents(session, run)[0]["state"] == "succeeded"


def test_a_follower_waits_for_approval_where_policy_asks(context: Context, database: Database, cast: Cast) -> None:
    row = make(context, cast.bob)
    bind(context, cast.bob, "web", "db")
    run = ask(context, cast.bob, row)
    with database.write() as session:
        dev = environments.named(session, cast.ada, "dev")
        environments.set_policy(session, cast.ada, dev, Policy(approval=True), None)
    provisioned.succeed(context, run)
    with database.read() as session:
        (follower,) = follow_ups.documents(session, run)
        assert session.get_one(Run, follower["run"]).needs_approval
    with database.write() as session:
        update = session.get_one(Run, follower["run"])
        progress.move(session, update, RunState.AWAITING_APPROVAL)
        approvals.decide(context, session, cast.ada, update, False, "not today")
        (told,) = follow_ups.missing(session, row)
        assert (told["state"], told["detail"]) == ("cancelled", "Rejected: not today")


def test_what_follows_is_made_in_the_transaction_in_which_the_rotation_succeeds(
    context: Context, database: Database, cast: Cast
) -> None:
    row = make(context, cast.bob)
    bind(context, cast.bob, "web", "db")
    run = ask(context, cast.bob, row)
    provisioned.begin(context, run, WORKLOAD)
    with pytest.raises(KeyError), database.write() as session:
        provisioned.finish(context, session, session.get_one(Run, run.id), password="new")
        raise KeyError
    with database.read() as session:
        assert session.get_one(Run, run.id).state is RunState.APPLYING
        assert session.get_one(Resource, row.id).previous_seeds is not None
        assert follow_ups.documents(session, run) == []
        assert resources.named(session, cast.bob, "web", "shop", "dev").active_run_id is None
    provisioned.succeed(context, run)
    with database.read() as session:
        assert len(follow_ups.documents(session, run)) == 1
