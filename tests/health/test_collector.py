"""The collector: rounds of scraping, history, health with reasons, one at a time."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

import fairway_catalog
from fairway.db import leases
from fairway.db.clock import now
from fairway.db.database import Database
from fairway.domain import events
from fairway.health import Collector, History, charts
from fairway.health.series import Served
from fairway.models import Cluster, Event, Resource
from tests.cast import Cast
from tests.health import expositions
from tests.health.observing import exporting, observe
from tests.kube import objects
from tests.kube.assembly import add_resource, point_at
from tests.kube.fake import FakeKubernetes, Running
from tests.until import until

CATALOG = fairway_catalog.load()


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    history = History(f"sqlite:///{tmp_path / 'metrics.db'}")
    yield history
    history.close()


@pytest.fixture
def collector(database: Database, cast: Cast, fake: Running, tmp_path: Path, history: History) -> Collector:
    clusters = point_at(fake, database, tmp_path)
    return Collector(database, clusters, CATALOG, history, events.append)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def health(database: Database, resource: Resource) -> dict[str, Any]:
    with database.read() as session:
        return session.get_one(Resource, resource.id).health


def test_a_round_scrapes_keeps_and_derives(
    collector: Collector,
    pool: ThreadPoolExecutor,
    database: Database,
    cast: Cast,
    api: FakeKubernetes,
    history: History,
) -> None:
    redis = add_resource(database, cast, "cache")
    observe(database, redis, exporting("cache-0", redis))
    api.metrics["cache-0"] = expositions.REDIS
    collector.round(pool)
    assert health(database, redis) == {"status": "healthy", "reasons": []}
    latest = {
        d["name"]: d["latest"] for d in charts(history, CATALOG.get("redis"), redis.id, now() - timedelta(hours=1))
    }
    assert latest == {"memory": 1048576.0, "commands": None, "clients": 3.0, "ready": 1.0}


def test_a_broken_rule_reaches_the_resource_and_its_stream(
    collector: Collector, pool: ThreadPoolExecutor, database: Database, cast: Cast, api: FakeKubernetes
) -> None:
    postgres = add_resource(database, cast, "db", "postgres")
    observe(database, postgres, exporting("db-0", postgres, 9187))
    api.metrics["db-0"] = expositions.POSTGRES
    collector.round(pool)
    found = health(database, postgres)
    assert found["status"] == "degraded"
    assert found["reasons"] == [{"code": "connections", "message": "48 of 50 connections are in use"}]
    with database.read() as session:
        (event,) = session.exec(select(Event).where(Event.stream == f"resource:{postgres.id}")).all()
        assert (event.kind, event.data) == ("health", found)
        assert session.get_one(Resource, postgres.id).health_at is not None


def test_each_round_says_whether_it_served_and_nothing_of_what_is_stopped_or_unknown(
    collector: Collector, pool: ThreadPoolExecutor, database: Database, cast: Cast, history: History
) -> None:
    """Two rounds healthy, one degraded, one failing; one that is stopped and one that nobody saw."""
    redis, stopped, unseen = (add_resource(database, cast, name) for name in ("cache", "stopped", "unseen"))
    observe(database, stopped, replicas=0)
    good, bad = objects.pod("cache-0", redis.id), objects.pod("cache-1", redis.id, ready=False)
    for pods, replicas in (((good,), 1), ((good,), 1), ((good, bad), 2), ((bad,), 1)):
        observe(database, redis, *pods, replicas=replicas)
        collector.round(pool)
    until = now() + timedelta(seconds=1)
    served = history.served([redis.id, stopped.id, unseen.id], until - timedelta(days=1), until)
    assert served == {redis.id: Served(good=45.0, measured=60.0)}


def test_a_health_that_stays_is_not_told_again(
    collector: Collector, pool: ThreadPoolExecutor, database: Database, cast: Cast
) -> None:
    redis = add_resource(database, cast, "cache")
    observe(database, redis, objects.pod("cache-0", redis.id))
    collector.round(pool)
    collector.round(pool)
    with database.read() as session:
        assert len(session.exec(select(Event).where(Event.stream == f"resource:{redis.id}")).all()) == 1


def test_an_exporter_that_is_silent_does_not_stop_the_others(
    collector: Collector,
    pool: ThreadPoolExecutor,
    database: Database,
    cast: Cast,
    api: FakeKubernetes,
    history: History,
) -> None:
    silent, speaking = add_resource(database, cast, "silent"), add_resource(database, cast, "speaking")
    observe(database, silent, exporting("silent-0", silent))
    observe(database, speaking, exporting("speaking-0", speaking))
    api.metrics["speaking-0"] = expositions.REDIS
    collector.round(pool)
    hour = now() - timedelta(hours=1)
    kept = {r.name: charts(history, CATALOG.get("redis"), r.id, hour)[0]["latest"] for r in (silent, speaking)}
    assert kept == {"silent": None, "speaking": 1048576.0}


def test_a_cluster_that_is_unreachable_is_not_scraped_and_makes_health_unknown(
    collector: Collector, pool: ThreadPoolExecutor, database: Database, cast: Cast, api: FakeKubernetes
) -> None:
    redis = add_resource(database, cast, "cache")
    observe(database, redis, exporting("cache-0", redis))
    with database.write() as session:
        cluster = session.exec(select(Cluster)).one()
        cluster.unreachable_since, cluster.unreachable_reason = now(), "connection refused"
        session.add(cluster)
    collector.round(pool)
    assert health(database, redis)["status"] == "unknown"
    assert not [r for r in api.requests if "proxy" in r]


def test_another_collector_stays_out_while_one_holds_the_cluster(
    collector: Collector, pool: ThreadPoolExecutor, database: Database, cast: Cast
) -> None:
    redis = add_resource(database, cast, "cache")
    observe(database, redis, objects.pod("cache-0", redis.id))
    held = leases.take(database, f"collect:{cast.dev.cluster_id}", "another", 60)
    assert held is not None
    collector.round(pool)
    assert health(database, redis) == {}
    leases.release(database, held)
    collector.round(pool)
    assert health(database, redis)["status"] == "healthy"


def test_a_collector_that_was_paused_writes_nothing_once_another_has_taken_over(
    collector: Collector, pool: ThreadPoolExecutor, database: Database, cast: Cast
) -> None:
    redis = add_resource(database, cast, "cache")
    observe(database, redis, objects.pod("cache-0", redis.id))
    collector.round(pool)
    with database.write() as session:
        row = session.get_one(Resource, redis.id)
        row.health = {"status": "failing", "reasons": []}
        session.add(row)
    name = f"collect:{cast.dev.cluster_id}"
    leases.release(database, leases.Held(name, collector._holder, 1))
    leases.take(database, name, "another", 60)
    observe(database, redis, objects.pod("cache-0", redis.id))
    collector.look()
    assert health(database, redis)["status"] == "failing"


def test_a_crash_shows_between_two_rounds(collector: Collector, database: Database, cast: Cast) -> None:
    redis = add_resource(database, cast, "cache")
    observe(database, redis, objects.pod("cache-0", redis.id))
    stop = threading.Event()
    thread = threading.Thread(target=collector.run, args=(stop,))
    thread.start()
    until(lambda: health(database, redis).get("status") == "healthy")
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}
    ended = {"terminated": {"exitCode": 1, "reason": "Error"}}
    observe(database, redis, objects.pod("cache-0", redis.id, ready=False, state=waiting, last_state=ended, restarts=2))
    collector.wake([redis.id])
    until(lambda: health(database, redis)["status"] == "failing")
    codes = [reason["code"] for reason in health(database, redis)["reasons"]]
    assert codes == ["NotReady", "CrashLoopBackOff"]
    stop.set()
    collector.wake()
    thread.join(20)
    assert not thread.is_alive()
