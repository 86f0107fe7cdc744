"""Runs are carried out: once, in order, through waits, failures, cancellations and restarts."""

import json
from dataclasses import replace

from fairway.domain import approvals, connections, previews, provisioning, runs
from fairway.domain.context import nobody_listens
from fairway.domain.wishes import for_resource
from fairway.models import Operation, Preview, PreviewState, ResourceState, Run, RunState
from fairway.work import durable
from tests.provisioned import finish
from tests.until import until
from tests.work.conftest import Stage, create


def test_a_create_goes_through_to_ready(stage: Stage) -> None:
    run = stage.end(stage.ask(create()))
    row = stage.resource(run)
    assert (run.state, row.state, row.active_run_id) == (RunState.SUCCEEDED, ResourceState.READY, None)
    states = [d["state"] for d in stage.told(run, "state")]
    assert states == ["queued", "previewing", "applying", "verifying", "succeeded"]
    assert [d["status"] for d in stage.told(run, "step") if d["name"] == row.stack] == ["running", "done"]
    assert stage.told(run, "done") == [{"state": "succeeded"}]
    assert [c["op"] for c in run.changes] == ["create"]
    assert row.outputs == {"host": "127.9.0.1", "port": 5432, "username": "app", "database": "app"}
    with stage.context.database.write() as session:
        masked = connections.of(stage.context, session, stage.cast.vera, row)
        clear = connections.of(stage.context, session, stage.cast.bob, row, reveal=True)
    assert masked["password"] == connections.MASK and connections.MASK in masked["uri"]
    assert clear["uri"] == f"postgresql://app:{clear['password']}@127.9.0.1:5432/app"
    assert clear["password"] not in clear["command"]
    with stage.context.database.read() as session:
        assert [s["status"] for s in runs.steps(session, run)] == ["done", "done"]


def test_the_engine_is_told_what_to_make_and_its_secrets_apart(stage: Stage) -> None:
    run = stage.end(stage.ask(create()))
    row = stage.resource(run)
    request = json.loads(stage.engine.stacks[row.stack]["request"])
    assert request["resource"] == row.id
    assert (request["namespace"], request["team"], request["addressing"]) == ("shop-dev", "payments", "ip")
    assert request["size"] == {"cpu": "250m", "memory": "256Mi", "storage": "1Gi"}
    assert "password" not in stage.engine.stacks[row.stack]["request"]
    assert "shop-dev-namespace" in stage.engine.stacks


def test_a_volume_of_a_size_of_its_own_is_what_the_engine_is_told(stage: Stage) -> None:
    row = stage.resource(stage.end(stage.ask(create(parameters={"storage": "20Gi"}))))
    request = json.loads(stage.engine.stacks[row.stack]["request"])
    assert request["size"] == {"cpu": "250m", "memory": "256Mi", "storage": "20Gi"}


def test_a_deployment_waits_for_what_it_is_bound_to(stage: Stage) -> None:
    stage.engine.pace = 0.5
    first = stage.ask(create())
    wanted = create("web", offering="deployment", plan="nano", parameters={"image": "x:1"}, bindings=("orders-db",))
    second = stage.ask(wanted)
    waiting = until(lambda: stage.run(second.id), lambda r: r.waiting is not None)
    assert waiting.waiting and "orders-db, which it uses, is not ready yet" in waiting.waiting["message"]
    assert stage.end(first).state is RunState.SUCCEEDED
    done = stage.end(second)
    assert (done.state, done.waiting) == (RunState.SUCCEEDED, None)
    request = json.loads(stage.engine.stacks[stage.resource(done).stack]["request"])
    assert request["bindings"][0] == {
        "name": "orders-db",
        "type": "postgresql",
        "variable": "DATABASE_URL",
        "host": "127.9.0.1",
        "port": 5432,
        "username": "app",
        "database": "app",
    }


def test_a_destroy_removes_the_stack_and_the_last_one_the_namespace(stage: Stage) -> None:
    one, two = stage.end(stage.ask(create("one"))), stage.end(stage.ask(create("two")))
    for run, left in ((one, 2), (two, 0)):
        row = stage.resource(run)
        ended = stage.end(stage.ask(for_resource(Operation.DESTROY, row), confirm=row.name))
        assert (ended.state, stage.resource(run).state) == (RunState.SUCCEEDED, ResourceState.DESTROYED)
        assert len(stage.engine.stacks) == left
        assert stage.resource(run).credentials is None
    assert ("remove", "shop-dev-namespace") in stage.engine.calls


def test_an_unreachable_cluster_is_waited_for_and_nothing_is_lost(stage: Stage) -> None:
    stage.engine.unreachable = "connection refused"
    run = stage.ask(create())
    waiting = until(lambda: stage.run(run.id), lambda r: r.waiting is not None)
    assert waiting.waiting and waiting.waiting["code"] == "cluster-unreachable"
    assert waiting.waiting["cause"] == "connection refused"
    assert waiting.waiting["next_try_at"] < waiting.waiting["deadline_at"]
    stage.engine.unreachable = ""
    done = stage.end(run)
    assert (done.state, done.waiting) == (RunState.SUCCEEDED, None)
    assert stage.told(run, "wait")[-1] == {"waiting": None}


def test_a_run_that_somebody_else_ended_while_it_waited_is_left_alone(stage: Stage) -> None:
    run = stage.reach(stage.ask(create(environment="prod")), RunState.AWAITING_APPROVAL)
    stage.engine.unreachable = "connection refused"
    stage.act(approvals.decide, stage.cast.alice, run, True)
    until(lambda: stage.run(run.id).waiting)
    with stage.context.database.write() as session:
        finish(stage.context, session, session.get_one(Run, run.id))
    until(lambda: stage.workflow(run) in durable.ENDED)
    assert (stage.run(run.id).state, stage.run(run.id).waiting) == (RunState.SUCCEEDED, None)
    assert stage.engine.stacks == {}


def test_a_failure_tells_its_true_cause_and_can_be_tried_again(stage: Stage) -> None:
    stage.engine.failing["shop-dev-namespace"] = 'namespaces is forbidden: User "fairway" cannot create'
    run = stage.end(stage.ask(create()))
    assert run.state is RunState.FAILED and run.error is not None
    assert run.error["message"] == 'namespaces is forbidden: User "fairway" cannot create'
    assert "permission" in run.error["hint"]
    assert (run.error["causes"], stage.resource(run).state) == (["update failed"], ResourceState.FAILED)
    stage.engine.failing.clear()
    with stage.context.database.write() as session:
        again = runs.retry(stage.context, session, stage.cast.bob, runs.named(session, stage.cast.bob, run.id))
    assert stage.end(again).state is RunState.SUCCEEDED
    assert (again.retry_of, stage.resource(run).state) == (run.id, ResourceState.READY)


def test_a_failed_update_leaves_what_was_applied_on_record(stage: Stage) -> None:
    row = stage.resource(stage.end(stage.ask(create())))
    stage.engine.failing[row.stack] = "0/3 nodes are available: Insufficient memory"
    run = stage.end(stage.ask(for_resource(Operation.UPDATE, row, plan="medium")))
    row = stage.resource(run)
    assert (run.state, row.state, row.plan) == (RunState.FAILED, ResourceState.FAILED, "dev")
    assert row.applied and row.applied["plan"] == "dev" and row.desired["plan"] == "medium"
    stage.engine.failing.clear()
    run = stage.end(stage.ask(for_resource(Operation.UPDATE, row, plan="small")))
    assert (run.state, stage.resource(run).plan) == (RunState.SUCCEEDED, "small")


def test_a_refresh_only_looks(stage: Stage) -> None:
    row = stage.resource(stage.end(stage.ask(create(environment="dev"))))
    run = stage.end(stage.ask(for_resource(Operation.REFRESH, row)))
    assert (run.state, stage.resource(run).state) == (RunState.SUCCEEDED, ResourceState.READY)
    assert stage.engine.stacks[row.stack]["ups"] == 1


def test_approval_is_waited_for(stage: Stage) -> None:
    run = stage.reach(stage.ask(create(environment="prod")), RunState.AWAITING_APPROVAL)
    assert stage.resource(run).state is ResourceState.AWAITING_APPROVAL
    assert run.changes and not stage.engine.stacks
    stage.act(approvals.decide, stage.cast.alice, run, True)
    assert stage.end(run).state is RunState.SUCCEEDED


def test_what_is_rejected_is_not_applied(stage: Stage) -> None:
    run = stage.reach(stage.ask(create(environment="prod")), RunState.AWAITING_APPROVAL)
    stage.act(approvals.decide, stage.cast.alice, run, False, "not on a Friday")
    assert stage.end(run).state is RunState.CANCELLED
    assert not stage.engine.stacks


def test_a_run_is_cancelled_while_it_is_applied(stage: Stage) -> None:
    stage.engine.pace = 30
    run = stage.reach(stage.ask(create()), RunState.APPLYING)
    until(lambda: stage.engine.calls, lambda calls: ("up", "shop-dev-namespace") in calls)
    stage.act(runs.cancel, stage.cast.bob, run)
    assert stage.end(run).state is RunState.CANCELLED
    assert stage.resource(run).state is ResourceState.FAILED
    stage.engine.pace = 0
    row = stage.resource(run)
    assert stage.end(stage.ask(for_resource(Operation.DESTROY, row), confirm=row.name)).state is RunState.SUCCEEDED


def test_a_run_is_cancelled_while_it_waits(stage: Stage) -> None:
    stage.engine.unreachable = "no route to host"
    run = stage.ask(create())
    until(lambda: stage.run(run.id), lambda r: r.waiting is not None)
    stage.act(runs.cancel, stage.cast.bob, run)
    ended = stage.end(run)
    assert (ended.state, ended.waiting) == (RunState.CANCELLED, None)


def test_a_server_that_stops_in_the_middle_goes_on_after_its_start(stage: Stage) -> None:
    stage.engine.pace = 30
    run = stage.reach(stage.ask(create()), RunState.APPLYING)
    waiting = stage.reach(stage.ask(create("other", environment="prod")), RunState.AWAITING_APPROVAL)
    until(lambda: stage.engine.calls, lambda calls: ("up", "shop-dev-namespace") in calls)
    stage.worker.stop()
    assert stage.run(run.id).state is RunState.APPLYING
    stage.engine.pace = 0
    stage.worker = stage.make_worker()
    assert stage.end(run).state is RunState.SUCCEEDED
    assert stage.engine.stacks[stage.resource(run).stack]["ups"] == 1
    stage.act(approvals.decide, stage.cast.ada, waiting, True)
    assert stage.end(waiting).state is RunState.SUCCEEDED


def test_the_sweep_starts_what_nobody_was_woken_for(stage: Stage) -> None:
    deaf = replace(stage.context, wake_run=nobody_listens)
    with deaf.database.write() as session:
        run = provisioning.request(deaf, session, stage.cast.bob, create())
    assert stage.run(run.id).state is RunState.QUEUED
    stage.worker.sweep()
    stage.worker.sweep()
    assert stage.end(run).state is RunState.SUCCEEDED
    assert stage.engine.calls.count(("up", "shop-dev-namespace")) == 1


def test_a_preview_is_computed_and_keeps_nothing(stage: Stage) -> None:
    row = stage.preview(create())
    assert (row.state, [c["op"] for c in row.changes]) == (PreviewState.READY, ["create"])
    assert not stage.engine.stacks
    run = stage.ask(create(), preview=row)
    assert stage.end(run).state is RunState.SUCCEEDED
    assert [verb for verb, name in stage.engine.calls if verb == "preview" and "preview" not in name] == []


def test_why_a_step_takes_its_time_is_told_until_it_is_done(stage: Stage) -> None:
    stage.engine.pace = 0.3
    run = stage.ask(create())
    stage.engine.unready[stage.resource(run).stack] = "[Pod shop-dev/orders-db-0]: ErrImagePull"
    done = stage.end(run)
    waits = [wait["waiting"] for wait in stage.told(run, "wait")]
    assert [wait and (wait["code"], wait["cause"]) for wait in waits] == [
        ("not-ready", "[Pod shop-dev/orders-db-0]: ErrImagePull"),
        None,
    ]
    assert (done.state, done.waiting) == (RunState.SUCCEEDED, None)


def test_previews_of_one_person_are_all_computed_but_the_superseded(stage: Stage) -> None:
    def ask(name: str, supersedes: str = "") -> str:
        with stage.context.database.write() as session:
            return previews.ask(stage.context, session, stage.cast.bob, create(name), supersedes).id

    def states() -> list[PreviewState]:
        with stage.context.database.read() as session:
            return [session.get_one(Preview, identity).state for identity in asked]

    stage.engine.preview_pace = 0.3
    asked = [ask("one")]
    until(lambda: stage.engine.looking)
    asked += [ask("two"), ask("three")]
    until(states, lambda found: PreviewState.COMPUTING not in found)
    assert states() == [PreviewState.READY] * 3
    stage.engine.preview_pace = 60
    asked = [ask("four")]
    until(lambda: stage.engine.looking)
    stage.engine.preview_pace = 0
    asked += [ask("five", supersedes=asked[0])]
    until(states, lambda found: PreviewState.COMPUTING not in found)
    assert states() == [PreviewState.SUPERSEDED, PreviewState.READY]


def test_a_preview_tells_why_it_could_not_be_computed(stage: Stage) -> None:
    stage.engine.unreachable = "connection refused"
    row = stage.preview(create())
    assert (row.state, row.errors) == (PreviewState.FAILED, [{"urn": "", "message": "connection refused"}])
