"""A real Prometheus server pointed at `/sd/prometheus` of a whole platform scrapes every resource."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.platform import Platform, free_port
from tests.until import until

pytestmark = [
    pytest.mark.whole,
    pytest.mark.timeout(180),
    pytest.mark.xdist_group("whole"),
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="there is no `prometheus` on the PATH"),
]

CONFIGURATION = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: fairway-resources
    http_sd_configs: [{{url: "{url}/sd/prometheus", refresh_interval: 1s}}]
  - job_name: fairway
    static_configs: [{{targets: ["{address}"]}}]
"""
OFFERINGS = {"seen-db": "postgres", "seen-cache": "redis", "seen-jobs": "queue"}


@pytest.fixture
def prometheus(platform: Platform, tmp_path: Path) -> Iterator[httpx.Client]:
    port = free_port()
    file = tmp_path / "prometheus.yml"
    file.write_text(CONFIGURATION.format(url=platform.url, address=f"127.0.0.1:{platform.port}"))
    command = ["prometheus", f"--config.file={file}", f"--storage.tsdb.path={tmp_path / 'data'}"]
    command.append(f"--web.listen-address=127.0.0.1:{port}")
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1") as client:
            yield client
    finally:
        server.terminate()
        server.wait(30)


def series(client: httpx.Client, query: str) -> list[dict[str, Any]]:
    """Empty as long as the server still starts."""
    try:
        answer = client.get("/query", params={"query": query})
    except httpx.TransportError:
        return []
    return list(answer.json()["data"]["result"]) if answer.status_code == 200 else []


def up(client: httpx.Client) -> dict[str, str]:
    """Of each resource, by name, the last scrape: 1 when it went well."""
    found = series(client, 'up{job="fairway-resources"}')
    return {one["metric"]["fairway_name"]: one["value"][1] for one in found}


def test_every_resource_is_scraped_and_one_that_is_destroyed_no_longer(
    platform: Platform, prometheus: httpx.Client
) -> None:
    for name, offering in OFFERINGS.items():
        platform.done("create", offering, name, "--plan", "dev", "--yes")
    metrics = ["--set", "metrics_path=/metrics", "--set", "health_path=/healthz"]
    platform.done("deploy", "seen-web", "--image", "fairway/demo:1", "--replicas", "2", *metrics, "--yes")
    expected = {*OFFERINGS, "seen-web"}
    found = until(lambda: up(prometheus), lambda u: expected <= {n for n, v in u.items() if v == "1"}, 60)
    assert expected <= found.keys()
    for query in (
        'pg_up{fairway_name="seen-db"} == 1',
        'redis_up{fairway_name="seen-cache"} == 1',
        'count by (fairway_name) ({__name__=~"(jetstream|gnatsd|nats)_.+", fairway_name="seen-jobs"})',
        'count(http_requests_total{fairway_name="seen-web"}) by (fairway_name)',
        'up{job="fairway"} == 1',
        'count({__name__=~"fairway_.+", job="fairway"})',
    ):
        assert until(partial(series, prometheus, query), bool, 30), query
    platform.done("destroy", "seen-cache", "--confirm", "seen-cache")
    gone = until(lambda: up(prometheus), lambda u: "seen-cache" not in u, 60)
    assert expected - {"seen-cache"} <= gone.keys()
    for name in sorted(expected - {"seen-cache"}):
        platform.done("destroy", name, "--confirm", name)
