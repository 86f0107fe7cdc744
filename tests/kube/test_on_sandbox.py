"""On the embedded cluster, with real pods: observed, scraped, judged, and caught up with after a restart."""

import asyncio
import importlib.util
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import fairway_catalog
from fairway.db.clock import now
from fairway.db.database import Database
from fairway.domain import events
from fairway.health import Collector, History, charts
from fairway.kube import Cluster, Clusters, Watching, kinds, kubeconfig
from fairway.kube.errors import ClusterUnreachable
from fairway.kube.transport import Transport
from fairway.models import Cluster as ClusterRow
from fairway.models import Observation, Resource
from tests.cast import Cast
from tests.kube.assembly import add_resource, point_at_text
from tests.until import until

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(
        importlib.util.find_spec("fairway_sandbox.__main__") is None, reason="needs the embedded cluster"
    ),
]


class Sandbox:
    def __init__(self, folder: Path) -> None:
        self.kubeconfig = folder / "kubeconfig"
        self._command = [sys.executable, "-m", "fairway_sandbox", "--data-dir", str(folder / "sandbox")]
        self._command += ["--kubeconfig", str(self.kubeconfig), "--port", "0"]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True, env=environment)
        assert self._process.stdout is not None
        assert "ready" in self._process.stdout.readline()

    def stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path)
    sandbox.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def clusters(sandbox: Sandbox, database: Database, cast: Cast, tmp_path: Path) -> Iterator[Clusters]:
    clusters = point_at_text(kubeconfig.load(sandbox.kubeconfig), database, tmp_path, addressing="ip")
    clusters.get("local").create(kinds.NAMESPACE, {"metadata": {"name": "shop-dev"}})
    yield clusters
    clusters.close()


@pytest.fixture
def watching(clusters: Clusters, database: Database) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=Watching(database, clusters, events.append).run, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join(30)


@pytest.fixture
def collector(clusters: Clusters, database: Database, tmp_path: Path) -> Iterator[Collector]:
    history = History(f"sqlite:///{tmp_path / 'metrics.db'}")
    yield Collector(database, clusters, fairway_catalog.load(), history, events.append)
    history.close()


def deployment(name: str, resource: Resource, image: str, *command: str, replicas: int = 1) -> dict[str, Any]:
    labels = {"fairway.dev/resource": resource.id, "app.kubernetes.io/name": name}
    annotations = {"prometheus.io/scrape": "true", "prometheus.io/port": "8080"}
    container: dict[str, Any] = {"name": "main", "image": image, "ports": [{"containerPort": 8080}]}
    if command:
        container["command"] = list(command)
    else:
        container["readinessProbe"] = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 1}
    return {
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app.kubernetes.io/name": name}},
            "template": {
                "metadata": {"labels": labels, "annotations": annotations},
                "spec": {"containers": [container]},
            },
        },
    }


def observed(database: Database, resource: Resource) -> Observation:
    with database.read() as session:
        return session.get(Observation, resource.id) or Observation(resource_id=resource.id, cluster_id="")


def health(database: Database, resource: Resource) -> dict[str, str]:
    with database.read() as session:
        found = session.get_one(Resource, resource.id).health
    return {"status": found["status"], **{reason["code"]: reason["message"] for reason in found["reasons"]}}


def test_what_runs_what_crashes_and_what_cannot_start_are_told_apart(
    clusters: Clusters, watching: None, collector: Collector, database: Database, cast: Cast
) -> None:
    web, crash, missing = (add_resource(database, cast, n, "deployment") for n in ("web", "crash", "missing"))
    cluster = clusters.get("local")
    loud = "import sys; print('no database', flush=True); sys.exit(7)"
    cluster.create(kinds.DEPLOYMENT, deployment("web", web, "fairway/demo:1", replicas=2), "shop-dev")
    cluster.create(kinds.DEPLOYMENT, deployment("crash", crash, "python:3.12", "python", "-c", loud), "shop-dev")
    cluster.create(kinds.DEPLOYMENT, deployment("missing", missing, "no/such:1"), "shop-dev")
    until(lambda: observed(database, web).ready == 2, seconds=60)
    until(lambda: any(p["reason"] == "CrashLoopBackOff" for p in observed(database, crash).pods), seconds=60)
    until(lambda: any(p["reason"] == "ImagePullBackOff" for p in observed(database, missing).pods), seconds=60)
    with ThreadPoolExecutor(2) as pool:
        collector.round(pool)
        for pod in observed(database, web).pods:
            cluster.scrape("shop-dev", pod["name"], 8080, "/")
        collector.round(pool)
    assert health(database, web) == {"status": "healthy"}
    assert "exit code 7" in health(database, crash)["CrashLoopBackOff"]
    assert health(database, crash)["CrashLoopBackOff"].endswith("It last said: no database")
    assert "no/such:1" in health(database, missing)["ImagePullBackOff"]
    assert collector._history is not None
    offering = fairway_catalog.load().get("deployment")
    latest = {c["name"]: c["latest"] for c in charts(collector._history, offering, web.id, now() - timedelta(hours=1))}
    assert latest["ready"] == 2.0
    assert latest["requests"] is not None
    assert latest["requests"] > 0


def test_a_killed_pod_is_observed_going_and_coming_back(
    clusters: Clusters, watching: None, database: Database, cast: Cast
) -> None:
    web = add_resource(database, cast, "web", "deployment")
    cluster = clusters.get("local")
    cluster.create(kinds.DEPLOYMENT, deployment("web", web, "fairway/demo:1"), "shop-dev")
    until(lambda: observed(database, web).ready == 1, seconds=60)
    (victim,) = observed(database, web).pods
    cluster.delete(kinds.POD, victim["name"], "shop-dev", uid=victim["uid"], grace=0)
    until(lambda: [p["ready"] for p in observed(database, web).pods if p["uid"] != victim["uid"]] == [True], seconds=60)


async def asked(cluster: Cluster, pod: str, question: bytes, port: int = 8080) -> bytes:
    forward = await cluster.forward("shop-dev", pod, port)
    try:
        await forward.send(question)
        return await forward.receive()
    finally:
        await forward.close()


def test_a_forwarded_port_speaks_through_the_api_server(
    clusters: Clusters, watching: None, sandbox: Sandbox, database: Database, cast: Cast
) -> None:
    web = add_resource(database, cast, "web", "deployment")
    clusters.get("local").create(kinds.DEPLOYMENT, deployment("web", web, "fairway/demo:1"), "shop-dev")
    until(lambda: observed(database, web).ready == 1, seconds=60)
    far = Cluster("far", Transport(kubeconfig.load(sandbox.kubeconfig)), addressing="dns")
    pod = observed(database, web).pods[0]["name"]
    assert b" 200 " in asyncio.run(asked(far, pod, b"GET /healthz HTTP/1.0\r\n\r\n"))
    with pytest.raises(ClusterUnreachable, match=f"{pod}:9 does not answer"):
        asyncio.run(asked(far, pod, b"anybody?", port=9))
    assert "http_request_duration_seconds" in far.scrape("shop-dev", pod, 8080)
    far.close()


def test_a_cluster_that_restarts_is_caught_up_with(
    sandbox: Sandbox, clusters: Clusters, watching: None, database: Database, cast: Cast, tmp_path: Path
) -> None:
    web = add_resource(database, cast, "web", "deployment")
    clusters.get("local").create(kinds.DEPLOYMENT, deployment("web", web, "fairway/demo:1"), "shop-dev")
    until(lambda: observed(database, web).ready == 1, seconds=60)

    def unreachable() -> bool:
        with database.read() as session:
            return session.get_one(ClusterRow, cast.dev.cluster_id).unreachable_since is not None

    sandbox.stop()
    until(unreachable, seconds=60)
    sandbox.start()
    point_at_text(kubeconfig.load(sandbox.kubeconfig), database, tmp_path, addressing="ip")
    until(lambda: not unreachable() and observed(database, web).ready == 1, seconds=60)
