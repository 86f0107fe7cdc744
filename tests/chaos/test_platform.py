"""Trials on the platform: who may, what is refused, and a whole one against a Kubernetes API."""

import time
from dataclasses import replace
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import select

from fairway.asgi import create_app
from fairway.db.database import Database
from fairway.domain import experiments, kill_switch, trial_progress, trials
from fairway.domain.context import Context
from fairway.errors import Busy, Conflict, Invalid, NotFound, Refused
from fairway.models import AuditEntry, Environment, Event, Intent, Resource, Trial, TrialState
from fairway.work.trials import Trials
from tests.cast import Cast
from tests.kube.fake import Running
from tests.kube.placed import place_deployment

QUICK = {"baseline": 0, "after": 0, "duration": 1}
CHOSEN = {"action": {"method": "evict", "count": 1, "seed": 7}}


@pytest.fixture
def web(database: Database, context: Context, cast: Cast, fake: Running) -> Resource:
    """A deployment of three in dev, whose cluster is the fake."""
    return place_deployment(database, context, cast, fake, offering_version="1", plan="small")


def start(context: Context, actor: Any, **spec: Any) -> Trial:
    with context.database.write() as session:
        return trials.request(context, session, actor, {"resource": "web", **QUICK, **CHOSEN, **spec})


def ended(database: Database, trial_id: str, seconds: float = 30) -> Trial:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with database.read() as session:
            trial = session.get_one(Trial, trial_id)
        if trial.ended_at is not None:
            return trial
        time.sleep(0.05)
    raise AssertionError(f"the trial is still {trial.state}")


def test_members_start_trials_viewers_and_outsiders_do_not(context: Context, cast: Cast, web: Resource) -> None:
    with pytest.raises(Refused, match="As viewer"):
        start(context, cast.vera)
    with pytest.raises(NotFound):
        start(context, cast.charlie)
    assert start(context, cast.bob).state == "queued"


def test_where_the_policy_forbids_chaos_nobody_starts_one(context: Context, cast: Cast, web: Resource) -> None:
    with context.database.write() as session:
        session.get_one(Environment, cast.dev.id).chaos = False
    with pytest.raises(Refused, match="dev does not allow trials"):
        start(context, cast.ada)


def test_an_outage_on_purpose_needs_an_owner_who_types_what_goes_down(
    context: Context, cast: Cast, web: Resource
) -> None:
    with pytest.raises(Refused, match="As member"):
        start(context, cast.bob, allow_outage=True, confirm="web")
    with pytest.raises(Invalid, match="Type web to confirm"):
        start(context, cast.alice, allow_outage=True, confirm="yes")
    assert start(context, cast.alice, allow_outage=True, confirm="web").id


def test_a_resource_has_one_living_trial_and_the_holder_is_named(context: Context, cast: Cast, web: Resource) -> None:
    first = start(context, cast.bob)
    with pytest.raises(Busy, match=first.id[-8:]):
        start(context, cast.alice)


def test_a_probe_must_not_become_a_way_to_run_or_reach_something(context: Context, cast: Cast, web: Resource) -> None:
    for probe in ({"kind": "command", "command": ["id"]}, {"kind": "http", "address": "http://10.0.0.1/"}):
        with pytest.raises(Invalid):
            start(context, cast.alice, hypothesis={"probes": [probe]})


def test_the_kill_switch_refuses_new_trials_and_only_admins_release_it(
    context: Context, cast: Cast, web: Resource
) -> None:
    with context.database.write() as session:
        kill_switch.halt(session, cast.bob, "outage of checkout")
        with pytest.raises(Refused):
            kill_switch.resume(session, cast.alice)
    with pytest.raises(Conflict, match="outage of checkout"):
        start(context, cast.bob)
    with context.database.write() as session:
        kill_switch.resume(session, cast.ada)
    assert start(context, cast.bob)


def test_a_trial_evicts_one_pod_with_its_intent_written_first_and_measures(
    context: Context, cast: Cast, web: Resource, fake: Running
) -> None:
    worker, trial = Trials(context), start(context, cast.bob)
    worker.wake(trial.id)
    found = ended(context.database, trial.id)
    worker.stop()
    assert (found.verdict, found.reason) == ("FAIL", "")
    assert found.summary is not None and found.summary["victims"][0]["outcome"] == "killed"
    assert found.summary["cost"] is None
    assert len([k for k in fake.api.objects if k[0] == "pods"]) == 2
    with context.database.read() as session:
        (intent,) = session.exec(select(Intent)).all()
        kinds = [e.kind for e in session.exec(select(Event).where(Event.stream == f"trial:{trial.id}")).all()]
        actions = {e.action for e in session.exec(select(AuditEntry)).all()}
    assert intent.outcome == "killed"
    assert {"state", "victim", "ready", "done"} <= set(kinds) and kinds[-1] == "done"
    assert {"trial.start", "trial.end"} <= actions


def test_an_abort_ends_a_waiting_trial_and_nobody_is_killed(
    context: Context, cast: Cast, web: Resource, fake: Running
) -> None:
    worker, trial = Trials(context), start(context, cast.bob, baseline=600)
    worker.wake(trial.id)
    with context.database.write() as session:
        trials.abort(session, cast.alice, session.get_one(Trial, trial.id), "wrong service")
    found = ended(context.database, trial.id)
    worker.stop()
    assert (found.verdict, found.reason) == ("ABORTED", "alice: wrong service")
    assert len([k for k in fake.api.objects if k[0] == "pods"]) == 3


def test_a_trial_that_was_left_behind_is_closed_and_never_injected_again(
    context: Context, cast: Cast, web: Resource, fake: Running
) -> None:
    trial = start(context, cast.bob)
    with context.database.write() as session:
        trial_progress.claim(session, trial.id, "dead")
        trial_progress.enter(session, trial.id, "dead", TrialState.PREFLIGHT, 0.0)
        trial_progress.intend(session, trial.id, "dead", ("web-9", "uid-gone"), "evict", 60)
        trial_progress.intend(session, trial.id, "dead", ("web-0", "uid-web-0"), "evict", 60)
        session.get_one(Trial, trial.id).lease_expires_at = trial.created_at
    worker = Trials(context)
    worker.wake(trial.id)
    found = ended(context.database, trial.id)
    worker.stop()
    assert found.verdict == "INTERRUPTED"
    assert found.summary is not None
    assert [v["outcome"] for v in found.summary["victims"]] == ["killed_inferred", "not_applied"]
    assert len([k for k in fake.api.objects if k[0] == "pods"]) == 3


def test_a_kept_experiment_is_run_with_the_seed_that_its_preview_showed(
    context: Context, cast: Cast, web: Resource
) -> None:
    with context.database.write() as session:
        experiments.create(session, cast.bob, "kill-one", {"resource": "web", **QUICK, "action": {"method": "evict"}})
    with context.database.write() as session:
        trial = trials.request(context, session, cast.bob, {"experiment": "kill-one", "seed": 4711})
    assert (trial.seed, trial.definition["action"]["method"]) == (4711, "evict")
    with context.database.write() as session, pytest.raises(Invalid, match="says action itself"):
        trials.request(context, session, cast.bob, {"experiment": "kill-one", "action": {"method": "force"}})


def test_rest_previews_starts_lists_and_halts(context: Context, cast: Cast, web: Resource) -> None:
    woken: list[str] = []
    app: Litestar = create_app(replace(context, wake_trial=woken.append))
    spec = {"resource": "web", **QUICK, **CHOSEN}
    with TestClient(app) as client:
        shown = client.post("/api/v1/trial-previews", json=spec, headers=cast.headers["bob"]).json()
        assert [p["victim"] for p in shown["pods"]].count(True) == 1, shown
        wrong = client.post("/api/v1/trials", json={**spec, "baseline": "x"}, headers=cast.headers["bob"])
        assert wrong.json()["errors"][0]["pointer"] == "/baseline"
        made = client.post("/api/v1/trials", json=spec, headers=cast.headers["bob"])
        assert made.status_code == 202
        assert woken == [made.json()["id"]]
        assert client.get(made.headers["location"], headers=cast.headers["vera"]).json()["state"] == "queued"
        assert client.get(made.headers["location"], headers=cast.headers["charlie"]).status_code == 404
        listed = client.get("/api/v1/trials?resource=web", headers=cast.headers["vera"]).json()
        assert [t["id"] for t in listed] == woken
        body = {"halted": True, "reason": "outage"}
        assert client.put("/api/v1/kill-switch", json=body, headers=cast.headers["bob"]).json()["halted"] is True
        kept = {"name": "kill-one", "definition": spec}
        assert client.post("/api/v1/experiments", json=kept, headers=cast.headers["bob"]).status_code == 201
