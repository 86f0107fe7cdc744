"""A rotation is carried out, its followers after it, through failures, restarts and kills."""

import json
from dataclasses import replace

import pytest
from sqlmodel import select

from fairway.domain import approvals, connections, follow_ups, provisioning, runs
from fairway.domain.actor import SYSTEM
from fairway.domain.context import nobody_listens
from fairway.domain.documents import FollowerDocument
from fairway.domain.wishes import for_resource
from fairway.models import Event, Operation, Resource, Run, RunState
from tests.until import until
from tests.work.conftest import Stage, create


def told(stage: Stage, row: Resource) -> str:
    with stage.context.database.write() as session:
        row = session.get_one(Resource, row.id)
        return connections.of(stage.context, session, SYSTEM, row, reveal=True)["password"]


def taken(stage: Stage, row: Resource) -> str:
    """The password that the server takes; what a deployment has for its database."""
    secret = json.loads(stage.engine.stacks[row.stack]["secrets"]["fairway:seeds"])
    return str(secret["bindings"]["orders-db"]["password"] if row.offering == "deployment" else secret["password"])


def followers(stage: Stage, run: Run) -> list[FollowerDocument]:
    with stage.context.database.read() as session:
        return follow_ups.documents(session, run)


def followed(stage: Stage, run: Run) -> list[tuple[str, str]]:
    """Name and state, once all have ended."""
    found = until(lambda: followers(stage, run), lambda fs: all(f["state"] in ("succeeded", "failed") for f in fs))
    return [(f["name"], f["state"]) for f in found]


@pytest.fixture
def db(stage: Stage) -> Resource:
    return stage.resource(stage.end(stage.ask(create())))


@pytest.fixture
def web(stage: Stage, db: Resource) -> Resource:
    parameters = {"image": "x:1"}
    wish = create("web", offering="deployment", plan="nano", parameters=parameters, bindings=("orders-db",))
    return stage.resource(stage.end(stage.ask(wish)))


def rotate(stage: Stage, row: Resource) -> Run:
    return stage.ask(for_resource(Operation.ROTATE, row))


def test_the_server_takes_the_new_password_then_the_deployment_has_it(
    stage: Stage, db: Resource, web: Resource
) -> None:
    old = told(stage, db)
    preview = stage.preview(for_resource(Operation.ROTATE, db))
    assert ([c["op"] for c in preview.changes], preview.followers) == (["update"], ["shop/web"])
    run = stage.end(stage.ask(for_resource(Operation.ROTATE, db), preview=preview))
    assert (run.state, [c["op"] for c in run.changes]) == (RunState.SUCCEEDED, ["update"])
    assert followed(stage, run) == [("web", "succeeded")]
    new = told(stage, db)
    assert new != old
    assert (taken(stage, db), taken(stage, web)) == (new, new)
    (follower,) = followers(stage, run)
    lines = [line["message"] for line in stage.told(run, "log")]
    assert lines == [f"shop/web follows with the run {(follower['run'] or '')[-8:]}"]
    with stage.context.database.read() as session:
        kept = json.dumps([[e.data, e.stream] for e in session.exec(select(Event)).all()])
        kept += json.dumps([r.model_dump(mode="json") for r in session.exec(select(Run)).all()])
    assert old not in kept and new not in kept


def test_a_rotation_that_makes_no_preview_before_shows_its_own(stage: Stage, db: Resource) -> None:
    run = stage.end(rotate(stage, db))
    assert [c["op"] for c in run.changes] == ["update"]
    assert [line["message"] for line in stage.told(run, "log")] == ["No deployment is bound to it: none follows"]


@pytest.mark.parametrize("instant", ["before the engine", "in the middle", "after the engine"])
def test_a_server_that_stops_at_any_instant_goes_on_with_the_same_new_password(
    stage: Stage, db: Resource, web: Resource, instant: str
) -> None:
    old = told(stage, db)
    if instant == "before the engine":
        stage.engine.preview_pace = 30
    elif instant == "in the middle":
        stage.engine.slow[db.stack] = 30
    else:
        stage.engine.outputs_pace = 30
    run = rotate(stage, db)
    with stage.context.database.read() as session:
        sealed = session.get_one(Resource, db.id)
    if instant == "before the engine":
        until(lambda: stage.engine.looking)
    else:
        verb = "up" if instant == "in the middle" else "outputs"
        until(lambda: stage.engine.calls, lambda calls: calls.count((verb, db.stack)) == 2)
        until(lambda: told(stage, db), lambda word: word != old)
    stage.worker.stop()
    assert not stage.run(run.id).state.ended and taken(stage, web) == old
    stage.engine.preview_pace = stage.engine.outputs_pace = 0
    stage.engine.slow.clear()
    stage.worker = stage.make_worker()
    assert stage.end(run).state is RunState.SUCCEEDED
    assert followed(stage, run) == [("web", "succeeded")]
    new = told(stage, db)
    assert (taken(stage, db), taken(stage, web)) == (new, new)
    expected = stage.context.vault.open(str(sealed.next_seeds or sealed.seeds), f"seeds:{db.id}")
    assert json.loads(expected)["password"] == new
    assert len(followers(stage, run)) == 1


def test_a_failure_before_the_server_is_touched_leaves_the_old_one_and_a_retry_brings_the_new(
    stage: Stage, db: Resource, web: Resource
) -> None:
    old = told(stage, db)
    stage.engine.failing["shop-dev-namespace"] = "namespaces is forbidden"
    run = stage.end(rotate(stage, db))
    assert run.state is RunState.FAILED and run.error and "still takes the old password" in run.error["hint"]
    assert (told(stage, db), taken(stage, db), followers(stage, run)) == (old, old, [])
    stage.engine.failing.clear()
    with stage.context.database.write() as session:
        again = runs.retry(stage.context, session, stage.cast.bob, runs.named(session, stage.cast.bob, run.id))
    assert stage.end(again).state is RunState.SUCCEEDED
    assert followed(stage, again) == [("web", "succeeded")]
    assert told(stage, db) == taken(stage, db) == taken(stage, web) != old


def test_a_failure_at_the_server_tells_the_new_one_and_a_retry_goes_on_with_it(
    stage: Stage, db: Resource, web: Resource
) -> None:
    old = told(stage, db)
    stage.engine.failing[db.stack] = "0/3 nodes are available: Insufficient memory"
    run = stage.end(rotate(stage, db))
    assert run.state is RunState.FAILED and run.error and "takes the new password as soon as" in run.error["hint"]
    new = told(stage, db)
    assert (new != old, taken(stage, web), followers(stage, run)) == (True, old, [])
    stage.engine.failing.clear()
    refreshed = stage.end(stage.ask(for_resource(Operation.REFRESH, db)))
    assert (refreshed.state, told(stage, db)) == (RunState.SUCCEEDED, new)
    again = stage.end(rotate(stage, db))
    assert (again.state, followed(stage, again)) == (RunState.SUCCEEDED, [("web", "succeeded")])
    assert told(stage, db) == taken(stage, db) == taken(stage, web) == new


def test_a_run_that_is_cancelled_in_the_middle_goes_on_with_the_next(stage: Stage, db: Resource) -> None:
    stage.engine.pace = 30
    run = rotate(stage, db)
    until(lambda: stage.engine.calls, lambda calls: calls.count(("up", "shop-dev-namespace")) == 2)
    stage.act(runs.cancel, stage.cast.bob, run)
    ended = stage.end(run)
    assert ended.state is RunState.CANCELLED and ended.error and "still takes the old" in ended.error["hint"]
    stage.engine.pace = 0
    assert stage.end(rotate(stage, db)).state is RunState.SUCCEEDED
    assert told(stage, db) == taken(stage, db)


def test_a_deployment_that_is_busy_follows_afterwards(stage: Stage, db: Resource, web: Resource) -> None:
    stage.engine.slow[web.stack] = 60
    busy = stage.ask(for_resource(Operation.UPDATE, web, parameters={"replicas": 2}))
    until(lambda: stage.engine.calls, lambda calls: calls.count(("up", web.stack)) == 2)
    stage.engine.slow.clear()
    run = stage.end(rotate(stage, db))
    (follower,) = followers(stage, run)
    assert (follower["state"], follower["waits_for"]) == ("waiting", busy.id)
    (line,) = stage.told(run, "log")
    assert line["message"].startswith("shop/web follows later: It is busy")
    stage.act(runs.cancel, stage.cast.bob, busy)
    assert followed(stage, run) == [("web", "succeeded")]
    assert taken(stage, web) == told(stage, db)
    assert json.loads(stage.engine.stacks[web.stack]["request"])["parameters"]["replicas"] == 1


def test_a_deployment_that_fails_to_follow_is_told(stage: Stage, db: Resource, web: Resource) -> None:
    stage.engine.failing[web.stack] = "ErrImagePull"
    run = stage.end(rotate(stage, db))
    assert followed(stage, run) == [("web", "failed")]
    with stage.context.database.read() as session:
        (missing,) = follow_ups.missing(session, db)
    assert (run.state, missing["detail"]) == (RunState.SUCCEEDED, "ErrImagePull")


def test_the_sweep_lets_follow_whom_nobody_was_there_for(stage: Stage, db: Resource, web: Resource) -> None:
    deaf = replace(stage.context, wake_run=nobody_listens)
    with deaf.database.write() as session:
        busy = provisioning.request(deaf, session, stage.cast.bob, for_resource(Operation.UPDATE, web, plan="nano"))
    run = stage.end(rotate(stage, db))
    with deaf.database.write() as session:  # as a process does that dies between the end of a run and what follows
        session.get_one(Run, busy.id).state = RunState.CANCELLED
        session.get_one(Resource, web.id).active_run_id = None
    assert followers(stage, run)[0]["state"] == "waiting"
    stage.worker.sweep()
    assert followed(stage, run) == [("web", "succeeded")]


def test_in_prod_rotation_and_followers_wait_for_another_person(stage: Stage) -> None:
    def approved(run: Run) -> Run:
        stage.act(approvals.decide, stage.cast.ada, stage.reach(run, RunState.AWAITING_APPROVAL), True)
        return stage.end(run)

    db = stage.resource(approved(stage.ask(create(environment="prod"))))
    wish = create(
        "web", "prod", offering="deployment", plan="nano", parameters={"image": "x:1"}, bindings=("orders-db",)
    )
    web = stage.resource(approved(stage.ask(wish)))
    run = approved(rotate(stage, db))
    (follower,) = followers(stage, run)
    update = stage.run(follower["run"] or "")
    assert approved(update).state is RunState.SUCCEEDED
    assert taken(stage, web) == told(stage, db)
