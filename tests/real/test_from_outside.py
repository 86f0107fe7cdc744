"""A Fairway outside of its cluster's network, as in front of kind or a cloud: only the API server is in reach.

Run from the machine's own network, where of the real cluster nothing is; a relay brings its API server there.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
import yaml

from fairway.kube import Cluster, kinds, names
from fairway.kube.errors import ClusterUnreachable
from fairway.kube.kubeconfig import load
from fairway.kube.transport import Transport
from tests.e2e.platform import Platform, healthy
from tests.e2e.target import Target
from tests.real.cluster import cluster
from tests.until import until

pytestmark = [
    pytest.mark.whole,
    pytest.mark.timeout(300),
    pytest.mark.skipif("FAIRWAY_TEST_OUTSIDE" not in os.environ, reason="runs outside of the cluster of `make real`"),
]


CERTIFIED = "kubernetes.default.svc"


@pytest.fixture(scope="module")
def reached(kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A kubeconfig that leads to the cluster's API server through a relay, under the name that it certifies."""
    folder = tmp_path_factory.mktemp("relay")
    document = yaml.safe_load(kubeconfig.read_text())
    server = document["clusters"][0]["cluster"]
    api = urlsplit(server["server"])
    with pytest.raises(ClusterUnreachable):
        Cluster("unreached", Transport(load(kubeconfig))).version(timeout=2)
    between = f"unix:{folder / 'socket'}"
    with ExitStack() as stack:
        stack.enter_context(relaying(between, f"tcp:{api.hostname}:{api.port}", inside=True))
        place = stack.enter_context(relaying("tcp:127.0.0.1:0", between))
        server |= {"server": f"https://{place}", "tls-server-name": CERTIFIED}
        path = folder / "kubeconfig"
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(document))
        yield path


@contextmanager
def relaying(source: str, target: str, inside: bool = False) -> Iterator[str]:
    """Where it listens."""
    command = [sys.executable, "-m", "tests.real.relay", source, target]
    with subprocess.Popen(cluster.entering(command) if inside else command, stdout=subprocess.PIPE, text=True) as relay:
        assert relay.stdout is not None
        try:
            yield relay.stdout.readline().strip()
        finally:
            relay.terminate()


@pytest.fixture(scope="module")
def platform(reached: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(tmp_path_factory.mktemp("platform"), target=Target(reached))
    platform.start()
    platform.done("create", "postgres", "db", "--plan", "dev", "--yes")
    yield platform
    platform.leave()


def test_its_address_means_nothing_here_and_the_way_there_is_told(platform: Platform) -> None:
    told = platform.done("connect", "db")
    host = platform.resource("db")["outputs"]["host"]
    assert not names.addresses(host)
    assert f"fairway connect {platform.service}/dev/db --forward" in told.err


def test_what_it_provisions_is_healthy_and_measured(platform: Platform) -> None:
    healthy(platform, "db", 60)
    with platform.rest() as rest:
        path = f"/resources/{platform.resource('db')['id']}/metrics?since=15m"
        found = until(partial(connections, rest, path), lambda c: c["latest"] is not None, 60)
    assert [value for value in found["series"]["value"] if value is not None]


def connections(rest: httpx.Client, path: str) -> Any:
    return next(c for c in rest.get(path).json()["charts"] if c["name"] == "connections")


def test_its_people_reach_it_by_a_forwarded_port(platform: Platform) -> None:
    with platform.forwarding("db") as (forwarding, told):
        for line in ("one", "two"):
            with psycopg.connect(told["uri"]) as connection:
                connection.execute("create table if not exists log (line text)")
                connection.execute("insert into log values (%s)", [line])
        with psycopg.connect(told["uri"]) as connection:
            assert connection.execute("select line from log order by line").fetchall() == [("one",), ("two",)]
        assert len(forwarding.said) == 1, forwarding.said


def test_a_pod_is_killed_and_found_again(platform: Platform) -> None:
    with platform.forwarding("db") as (_, told):
        with platform.cluster() as reached:
            labels = f"fairway.dev/resource={platform.resource('db')['id']}"
            (pod,) = reached.pods(platform.namespace, labels)
            reached.delete(kinds.POD, pod.name, platform.namespace, uid=pod.uid, grace=0)
            until(lambda: [p.ready for p in reached.pods(platform.namespace, labels) if p.uid != pod.uid], any, 60)
        assert until(lambda: lines(told), bool, 60) == [("one",), ("two",)]
    healthy(platform, "db", 60)


def lines(told: Any) -> Any:
    """None while it does not answer."""
    try:
        with psycopg.connect(told["uri"], connect_timeout=5) as connection:
            return connection.execute("select line from log order by line").fetchall()
    except psycopg.OperationalError:
        return None


def test_z_destroyed_is_gone(platform: Platform) -> None:
    platform.done("destroy", "db", "--confirm", "db")
    until(platform.objects, lambda found: not found, 60)
