"""The watch cache: `observation` follows the cluster, through reconnects, compactions and silence."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from fairway.db import leases
from fairway.db.clock import now
from fairway.db.database import Database
from fairway.domain import events
from fairway.kube import Watching
from fairway.models import Cluster, Event, Lease, Observation
from tests.cast import Cast
from tests.kube import objects
from tests.kube.assembly import add_resource, point_at
from tests.kube.fake import FakeKubernetes, Running
from tests.until import until


@pytest.fixture
def resource_id(database: Database, cast: Cast) -> str:
    return add_resource(database, cast, "db").id


@pytest.fixture
def changed() -> list[str]:
    return []


@pytest.fixture
def watching(
    database: Database, cast: Cast, tmp_path: Path, fake: Running, changed: list[str]
) -> Iterator[threading.Event]:
    """Watches the fake cluster in the background."""
    clusters, stop = point_at(fake, database, tmp_path), threading.Event()
    thread = threading.Thread(target=Watching(database, clusters, events.append, changed.extend).run, args=(stop,))
    thread.start()
    yield stop
    stop.set()
    thread.join(20)
    clusters.close()
    assert not thread.is_alive()


def observed(database: Database, resource_id: str) -> Observation | None:
    with database.read() as session:
        return session.get(Observation, resource_id)


def is_held(database: Database, name: str) -> bool:
    with database.read() as session:
        return session.get(Lease, name) is not None


def ready(database: Database, resource_id: str, count: int) -> bool:
    row = observed(database, resource_id)
    return row is not None and row.ready == count


def test_what_is_there_and_what_comes_is_observed(
    watching: threading.Event, database: Database, api: FakeKubernetes, resource_id: str, changed: list[str]
) -> None:
    annotations = {"prometheus.io/scrape": "true", "prometheus.io/port": "9121"}
    api.put("statefulsets", objects.workload("db", resource_id))
    api.put("pods", objects.pod("db-0", resource_id, annotations=annotations))
    until(lambda: ready(database, resource_id, 1))
    row = observed(database, resource_id)
    assert row is not None
    assert (row.workload, row.replicas, row.settled, row.namespace) == ("StatefulSet", 1, True, "shop-dev")
    (pod,) = row.pods
    assert (pod["name"], pod["ip"], pod["phase"], pod["ready"], pod["restarts"]) == (
        "db-0",
        "127.0.0.1",
        "Running",
        True,
        0,
    )
    assert pod["metrics"] == {"port": 9121, "path": "/metrics"}
    with database.read() as session:
        stream = session.exec(select(Event).where(Event.stream == f"resource:{resource_id}")).all()
    assert stream[-1].kind == "observed"
    assert stream[-1].data["ready"] == 1
    until(lambda: resource_id in changed)


def test_a_pod_that_goes_is_no_longer_observed(
    watching: threading.Event, database: Database, api: FakeKubernetes, resource_id: str
) -> None:
    api.put("statefulsets", objects.workload("db", resource_id))
    api.put("pods", objects.pod("db-0", resource_id))
    until(lambda: ready(database, resource_id, 1))
    api.drop("pods", "shop-dev", "db-0")
    until(lambda: ready(database, resource_id, 0))
    api.drop("statefulsets", "shop-dev", "db")
    until(lambda: (row := observed(database, resource_id)) is not None and row.workload == "")


def test_what_went_while_nobody_watched_is_noticed(
    database: Database, cast: Cast, resource_id: str, request: pytest.FixtureRequest
) -> None:
    with database.write() as session:
        session.add(
            Observation(resource_id=resource_id, cluster_id=cast.dev.cluster_id, workload="Deployment", ready=2)
        )
    request.getfixturevalue("watching")
    until(lambda: ready(database, resource_id, 0))


def test_a_compaction_loses_nothing(
    watching: threading.Event, database: Database, api: FakeKubernetes, resource_id: str
) -> None:
    api.put("pods", objects.pod("db-0", resource_id))
    until(lambda: ready(database, resource_id, 1))
    with api.changed:
        api.put("pods", objects.pod("db-1", resource_id))
        api.forget()
    until(lambda: ready(database, resource_id, 2))


def test_a_cluster_that_vanishes_is_marked_and_caught_up_with_when_it_is_back(
    watching: threading.Event, database: Database, fake: Running, api: FakeKubernetes, resource_id: str
) -> None:
    def cluster() -> Cluster:
        with database.read() as session:
            return session.exec(select(Cluster)).one()

    api.put("pods", objects.pod("db-0", resource_id))
    until(lambda: ready(database, resource_id, 1))
    fake.stop()
    until(lambda: cluster().unreachable_since is not None)
    assert "does not answer" in cluster().unreachable_reason
    api.put("pods", objects.pod("db-1", resource_id))
    fake.start()
    until(lambda: ready(database, resource_id, 2))
    until(lambda: cluster().unreachable_since is None)
    assert cluster().unreachable_reason == ""


def test_a_crash_is_observed_with_the_last_lines_of_its_log(
    watching: threading.Event, database: Database, api: FakeKubernetes, resource_id: str
) -> None:
    api.logs["db-0?previous"] = "starting\nFATAL: no space left\n"
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting failed container"}}
    ended = {"terminated": {"exitCode": 7, "reason": "Error"}}
    crashed = objects.pod("db-0", resource_id, ready=False, restarts=3, state=waiting, last_state=ended)
    api.put("pods", crashed)
    until(lambda: observed(database, resource_id) is not None)
    (pod,) = observed(database, resource_id).pods  # type: ignore[union-attr]
    assert (pod["reason"], pod["exit_code"], pod["restarts"]) == ("CrashLoopBackOff", 7, 3)
    assert pod["last_log"] == "starting\nFATAL: no space left"


def test_warnings_reach_the_resource_that_they_are_about(
    watching: threading.Event, database: Database, api: FakeKubernetes, resource_id: str
) -> None:
    api.put("pods", objects.pod("db-0", resource_id))
    api.put("events", objects.warning("db-0", "FailedMount", "the volume is not there", at=now().isoformat()))
    api.put("events", objects.warning("other", "BackOff", "another's", at=now().isoformat()))
    until(lambda: (row := observed(database, resource_id)) is not None and row.warnings)
    row = observed(database, resource_id)
    assert row is not None
    assert [(w["reason"], w["object"], w["count"]) for w in row.warnings] == [("FailedMount", "Pod/db-0", 3)]


def test_objects_of_another_installation_are_left_alone(
    watching: threading.Event, database: Database, api: FakeKubernetes, resource_id: str
) -> None:
    api.put("pods", objects.pod("theirs", "01900000-0000-7000-8000-000000000000"))
    api.put("pods", objects.pod("ours", resource_id))
    until(lambda: ready(database, resource_id, 1))
    with database.read() as session:
        assert session.exec(select(Observation.resource_id)).all() == [resource_id]


def test_one_process_watches_a_cluster_and_another_takes_over_when_it_leaves(
    watching: threading.Event, database: Database, cast: Cast
) -> None:
    name = f"watch:{cast.dev.cluster_id}"
    until(lambda: is_held(database, name))
    assert leases.take(database, name, "second", 20) is None
    watching.set()
    until(lambda: leases.take(database, name, "second", 20) is not None)
