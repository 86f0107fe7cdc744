"""A real Prometheus server pointed at `/sd/prometheus` of a whole platform scrapes every resource."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from fairway.kube import kinds
from tests import prometheus
from tests.e2e.platform import Platform
from tests.until import until

pytestmark = [
    pytest.mark.whole,
    pytest.mark.timeout(180),
    pytest.mark.xdist_group("alone"),
    prometheus.needed,
]

OFFERINGS = {"seen-db": "postgres", "seen-cache": "redis", "seen-jobs": "queue"}


@pytest.fixture
def client(platform: Platform, tmp_path: Path) -> Iterator[httpx.Client]:
    with (
        prometheus.running(tmp_path, platform.port) as url,
        httpx.Client(base_url=f"{url}/api/v1") as client,
    ):
        yield client


def series(client: httpx.Client, query: str) -> list[dict[str, Any]]:
    answer = client.get("/query", params={"query": query}).raise_for_status()
    return list(answer.json()["data"]["result"])


def up(client: httpx.Client) -> dict[str, str]:
    """Of each resource, by name, the last scrape: 1 when it went well."""
    found = series(client, 'up{job="fairway-resources"}')
    return {one["metric"]["fairway_name"]: one["value"][1] for one in found}


def test_every_resource_is_scraped_and_one_that_is_destroyed_no_longer(
    platform: Platform, client: httpx.Client
) -> None:
    for name, offering in OFFERINGS.items():
        platform.done("create", offering, name, "--plan", "dev", "--yes")
    metrics = ["--set", "metrics_path=/metrics", "--set", "health_path=/healthz"]
    platform.done("deploy", "seen-web", "--image", "fairway/demo:1", "--replicas", "2", *metrics, "--yes")
    expected = {*OFFERINGS, "seen-web"}
    found = until(lambda: up(client), lambda u: expected <= {n for n, v in u.items() if v == "1"}, 60)
    assert expected <= found.keys()
    for query in (
        'pg_up{fairway_name="seen-db"} == 1',
        'redis_up{fairway_name="seen-cache"} == 1',
        'count by (fairway_name) ({__name__=~"(jetstream|gnatsd|nats)_.+", fairway_name="seen-jobs"})',
        'count(http_requests_total{fairway_name="seen-web"}) by (fairway_name)',
        'up{job="fairway"} == 1',
        'count({__name__=~"fairway_.+", job="fairway"})',
    ):
        assert until(partial(series, client, query), bool, 30), query
    platform.done("destroy", "seen-cache", "--confirm", "seen-cache")
    gone = until(lambda: up(client), lambda u: "seen-cache" not in u, 60)
    assert expected - {"seen-cache"} <= gone.keys()
    for name in sorted(expected - {"seen-cache"}):
        platform.done("destroy", name, "--confirm", name)


@pytest.fixture
def pointed(tmp_path: Path) -> Iterator[tuple[Platform, str]]:
    """A platform whose history is in a Prometheus that scrapes it, and that Prometheus' URL."""
    platform = Platform(tmp_path / "pointed")
    with prometheus.running(tmp_path, platform.port) as url:
        platform.environment["FAIRWAY_PROMETHEUS_URL"] = url
        platform.start()
        yield platform, url
        platform.leave()


def chart(platform: Platform, name: str, chart: str) -> Any:
    with platform.rest() as rest:
        answer = rest.get(f"/resources/{platform.resource(name)['id']}/metrics", params={"since": "15m"})
    return next(c for c in answer.raise_for_status().json()["charts"] if c["name"] == chart)


def test_its_charts_are_what_prometheus_knows(pointed: tuple[Platform, str]) -> None:
    platform, url = pointed
    platform.done("create", "postgres", "db", "--plan", "dev", "--yes")
    found = until(lambda: chart(platform, "db", "connections"), lambda c: c["latest"] is not None, 60)
    assert [v for v in found["series"]["value"] if v is not None]
    with httpx.Client(base_url=f"{url}/api/v1") as client:
        (limit,) = series(client, 'pg_settings_max_connections{fairway_name="db"}')
    assert found["limit"] == float(limit["value"][1]) == 50.0
    platform.done("destroy", "db", "--confirm", "db")


def test_an_objective_stands_as_prometheus_saw_it_and_falls_when_the_workload_is_gone(
    pointed: tuple[Platform, str],
) -> None:
    platform, _ = pointed
    platform.done("create", "redis", "cache", "--plan", "dev", "--yes")
    platform.done("slo", "set", "cache", "--objective", "99.9", "--window", "1")
    found = until(lambda: standing(platform, "cache"), lambda s: s["ratio"] is not None, 90)
    assert (found["ratio"], found["state"], found["source"]) == (1.0, "met", "prometheus")
    with platform.cluster() as cluster:
        cluster.delete(kinds.STATEFUL_SET, "cache", platform.namespace)
    until(lambda: platform.resource("cache"), lambda r: r["health"]["status"] == "failing", 30)
    found = until(lambda: standing(platform, "cache"), lambda s: s["ratio"] < 1, 60)
    assert found["budget"]["spent"] >= 15 and found["burn"]["1h"] > 1
    platform.done("destroy", "cache", "--confirm", "cache")


def standing(platform: Platform, name: str) -> Any:
    return platform.done("slo", "get", name, "-o", "json").document
