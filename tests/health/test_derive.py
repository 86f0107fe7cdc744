"""Health says why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fairway.health import Facts, Health, Scraping, derive
from fairway.health.rules import Broken
from fairway.kube import Pod
from fairway.kube.sightings import pod_document
from fairway.models import Observation, ResourceState
from tests.kube import objects

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PULL = 'Back-off pulling image "nope:1": ErrImagePull: lookup registry.invalid: no such host'


def seen(*pods: dict[str, Any], replicas: int = 1, log: str = "", **fields: Any) -> Observation:
    documents = [pod_document(Pod.of(p), log) for p in pods]
    ready = sum(p["ready"] for p in documents)
    defaults = {"workload": "StatefulSet", "settled": True}
    return Observation(
        resource_id="r", cluster_id="c", replicas=replicas, ready=ready, pods=documents, **{**defaults, **fields}
    )


def health(observation: Observation | None, state: ResourceState = ResourceState.READY, **facts: Any) -> Health:
    return derive(Facts(state, observation, **facts), NOON)


def told(found: Health) -> dict[str, str]:
    return {reason.code: reason.message for reason in found.reasons}


def waiting(reason: str, message: str = "", **extra: Any) -> dict[str, Any]:
    return objects.pod("db-0", "r", ready=False, state={"waiting": {"reason": reason, "message": message}}, **extra)


def test_what_is_ready_is_healthy() -> None:
    assert health(seen(objects.pod("db-0", "r"))) == Health("healthy")


def test_some_replicas_of_several_are_degraded_and_counted() -> None:
    found = health(seen(objects.pod("a", "r"), waiting("ContainerCreating"), replicas=3))
    assert found.status == "degraded"
    assert told(found) == {"NotReady": "1 of 3 replicas are ready"}


def test_an_image_that_cannot_be_pulled_is_named_with_the_registrys_words() -> None:
    found = health(seen(waiting("ImagePullBackOff", PULL)))
    assert found.status == "failing"
    assert told(found)["ImagePullBackOff"] == f"db-0 cannot get its image: {PULL}"


def test_a_bad_rollout_beside_ready_replicas_is_degraded() -> None:
    found = health(seen(objects.pod("a", "r"), waiting("ImagePullBackOff", PULL)))
    assert found.status == "degraded"
    assert list(told(found)) == ["ImagePullBackOff"]


def test_a_crash_is_told_with_its_exit_code_and_last_words() -> None:
    crashed = waiting("CrashLoopBackOff", last_state={"terminated": {"exitCode": 7, "reason": "Error"}}, restarts=3)
    message = told(health(seen(crashed, log="starting\nFATAL: no space left")))["CrashLoopBackOff"]
    assert message == "db-0 keeps ending with exit code 7, 3 restarts. It last said: starting\nFATAL: no space left"


def test_a_long_log_is_cut_at_its_beginning() -> None:
    crashed = waiting("CrashLoopBackOff", last_state={"terminated": {"exitCode": 1}}, restarts=1)
    message = told(health(seen(crashed, log="x" * 900 + "the end")))["CrashLoopBackOff"]
    assert message.endswith("the end")
    assert len(message) < 400


def test_a_container_that_ran_out_of_memory_says_so() -> None:
    killed = objects.pod(
        "db-0", "r", ready=False, restarts=1, state={"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
    )
    assert "ran out of memory" in told(health(seen(killed)))["OOMKilled"]


def test_a_pod_without_a_node_is_told_with_the_schedulers_words() -> None:
    why = "0/3 nodes are available: 3 Insufficient memory."
    unscheduled = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": why}]
    pending = objects.pod("db-0", "r", ready=False, phase="Pending", statuses=[], conditions=unscheduled)
    assert told(health(seen(pending)))["Unschedulable"] == f"db-0 finds no node: {why}"


def test_the_same_trouble_of_several_pods_is_told_once() -> None:
    crowd = [waiting("CreateContainerConfigError", 'secret "x" not found') for _ in range(3)]
    assert told(health(seen(*crowd, replicas=3)))["CreateContainerConfigError"].startswith("db-0 (3 pods): secret")


def test_a_quota_that_forbids_the_pod_is_told_from_the_warnings() -> None:
    warning = {
        "reason": "FailedCreate",
        "object": "ReplicaSet/web",
        "message": "exceeded quota",
        "count": 2,
        "at": None,
    }
    found = health(seen(replicas=2, warnings=[warning]))
    assert told(found)["FailedCreate"] == "ReplicaSet/web: exceeded quota"


def test_a_warning_of_earlier_is_no_reason_once_all_is_ready() -> None:
    warning = {"reason": "Unhealthy", "object": "Pod/db-0", "message": "probe failed", "count": 2, "at": None}
    assert health(seen(objects.pod("db-0", "r"), warnings=[warning])) == Health("healthy")


def test_a_probe_that_fails_is_no_reason_while_it_is_being_made() -> None:
    warning = {"reason": "Unhealthy", "object": "Pod/db-0", "message": "Startup probe failed", "count": 1, "at": None}
    starting = seen(objects.pod("db-0", "r", ready=False), warnings=[warning])
    assert health(starting, state=ResourceState.PROVISIONING).status == "unknown"
    assert health(starting, state=ResourceState.READY).status == "failing"
    warning["reason"] = "FailedScheduling"
    assert health(starting, state=ResourceState.PROVISIONING).status == "failing"


def test_a_broken_rule_decides_the_status() -> None:
    running = seen(objects.pod("db-0", "r"))
    degraded = health(running, broken=[Broken("connections", "degraded", "48 of 50 connections are in use")])
    assert degraded.document() == {
        "status": "degraded",
        "reasons": [{"code": "connections", "message": "48 of 50 connections are in use"}],
    }
    assert health(running, broken=[Broken("server", "failing", "down")]).status == "failing"


def test_metrics_that_stay_away_degrade_after_three_rounds() -> None:
    running = seen(objects.pod("db-0", "r"))
    lately = Scraping(NOON - timedelta(seconds=40), "db-0: refused")
    long_ago = Scraping(NOON - timedelta(seconds=50), "db-0: refused")
    assert health(running, scraping=lately).status == "healthy"
    assert told(health(running, scraping=long_ago)) == {"NoMetrics": "No metrics since 11:59:10 UTC: db-0: refused"}


def test_a_cluster_that_does_not_answer_makes_everything_unknown() -> None:
    found = health(seen(objects.pod("db-0", "r")), unreachable=(NOON, "connection refused"))
    assert found.status == "unknown"
    assert "since 12:00:00 UTC: connection refused" in told(found)["ClusterUnreachable"]


def test_no_replicas_wanted_is_stopped() -> None:
    assert health(seen(replicas=0)).status == "stopped"


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        (ResourceState.PROVISIONING, "unknown", "Starting"),
        (ResourceState.DESTROYING, "unknown", "Going"),
        (ResourceState.READY, "failing", "Missing"),
        (ResourceState.FAILED, "failing", "Missing"),
    ],
)
def test_without_a_workload_the_state_decides(state: ResourceState, status: str, code: str) -> None:
    found = health(seen(workload=""), state)
    assert (found.status, list(told(found))) == (status, [code])


def test_a_first_start_is_unknown_until_something_is_wrong() -> None:
    assert health(seen(waiting("ContainerCreating")), ResourceState.PROVISIONING).status == "unknown"
    assert health(seen(waiting("ImagePullBackOff", PULL)), ResourceState.PROVISIONING).status == "failing"


def test_what_nobody_has_seen_is_unknown() -> None:
    assert list(told(health(None))) == ["NotObserved"]
