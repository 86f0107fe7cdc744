"""Pods are real processes: they serve, break truly, and keep their data."""

import signal
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.sandbox.conftest import Sandbox
from tests.sandbox.objects import deployment, postgres, service
from tests.until import until

APPS = "/apis/apps/v1/namespaces"


def ready(sandbox: Sandbox, namespace: str, kind: str, name: str, count: int = 1) -> bool:
    found = sandbox.get(f"{APPS}/{namespace}/{kind}/{name}")
    current = found["status"].get("observedGeneration") == found["metadata"]["generation"]
    return bool(current and found["status"].get("readyReplicas", 0) == count)


def waiting(pod: dict[str, Any]) -> str:
    states = [c["state"] for c in pod["status"].get("containerStatuses") or []]
    return next((s["waiting"]["reason"] for s in states if "waiting" in s), "")


def test_a_deployment_serves_through_its_service_and_a_bad_image_leaves_it_serving(sandbox: Sandbox) -> None:
    space = sandbox.namespace("web")
    sandbox.apply(f"/api/v1/namespaces/{space}/services/page", service("page", 8080)).raise_for_status()
    sandbox.apply(f"{APPS}/{space}/deployments/page", deployment("page", replicas=2)).raise_for_status()
    until(lambda: ready(sandbox, space, "deployments", "page", 2))
    address = sandbox.get(f"/api/v1/namespaces/{space}/services/page")["spec"]["clusterIP"]
    assert "Release 1" in until(lambda: httpx.get(f"http://{address}:8080/").text)
    metrics = sandbox.http.get(f"/api/v1/namespaces/{space}/services/page:8080/proxy/metrics").text
    assert "http_requests_total" in metrics
    broken = deployment("page", image="registry.example/missing:9", replicas=2)
    sandbox.apply(f"{APPS}/{space}/deployments/page", broken).raise_for_status()
    until(lambda: "ImagePullBackOff" in map(waiting, sandbox.pods(space)))
    assert httpx.get(f"http://{address}:8080/").status_code == 200
    assert "not found" in str(sandbox.get(f"/api/v1/namespaces/{space}/events"))


def test_a_program_that_crashes_backs_off_and_its_last_words_are_kept(sandbox: Sandbox) -> None:
    space = sandbox.namespace("crash")
    container = {"name": "main", "image": "python:3.12", "command": ["python", "-c", "print('last words'); exit(3)"]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "sad"}, "spec": {"containers": [container]}}
    sandbox.apply(f"/api/v1/namespaces/{space}/pods/sad", pod).raise_for_status()
    until(lambda: waiting(sandbox.pods(space)[0]) == "CrashLoopBackOff")
    status = sandbox.pods(space)[0]["status"]["containerStatuses"][0]
    assert status["lastState"]["terminated"]["exitCode"] == 3
    query = {"previous": "true"}
    assert "last words" in sandbox.http.get(f"/api/v1/namespaces/{space}/pods/sad/log", params=query).text


def test_postgres_keeps_its_rows_over_a_killed_pod_and_a_killed_sandbox(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path / "own")
    space = sandbox.namespace("data")
    sandbox.apply(f"/api/v1/namespaces/{space}/services/db", service("db", 5432)).raise_for_status()
    sandbox.apply(f"{APPS}/{space}/statefulsets/db", postgres("db")).raise_for_status()
    until(lambda: ready(sandbox, space, "statefulsets", "db"))
    address = sandbox.get(f"/api/v1/namespaces/{space}/services/db")["spec"]["clusterIP"]
    url = f"postgresql://app:secret@{address}:5432/app"
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
    first = sandbox.pods(space)[0]
    scraped = until(lambda: "pg_up 1" in httpx.get(f"http://{first['status']['podIP']}:9187/metrics").text)
    assert scraped
    sandbox.http.request("DELETE", f"/api/v1/namespaces/{space}/pods/db-0", json={"gracePeriodSeconds": 0})
    until(lambda: [p["metadata"]["uid"] for p in sandbox.pods(space)] not in ([], [first["metadata"]["uid"]]))
    until(lambda: ready(sandbox, space, "statefulsets", "db"))
    sandbox.stop(signal.SIGKILL)
    sandbox.start()
    until(lambda: sandbox.pods(space)[0]["status"]["containerStatuses"][0]["restartCount"] > 0)
    until(lambda: ready(sandbox, space, "statefulsets", "db"))
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(1,)]
    sandbox.http.delete(f"/api/v1/namespaces/{space}")
    until(lambda: sandbox.http.get(f"/api/v1/namespaces/{space}").status_code == 404)
    until(lambda: not list((tmp_path / "own" / "volumes").iterdir()))
    sandbox.stop()


def test_after_an_ordered_end_the_same_pods_go_on(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    try:
        space = sandbox.namespace("again")
        sandbox.apply(f"{APPS}/{space}/deployments/page", deployment("page", replicas=2)).raise_for_status()
        until(lambda: sandbox.get(f"{APPS}/{space}/deployments/page")["status"].get("readyReplicas") == 2)
        before = {pod["metadata"]["uid"] for pod in sandbox.pods(space)}
        sandbox.stop()
        sandbox.start()
        until(lambda: sandbox.get(f"{APPS}/{space}/deployments/page")["status"].get("readyReplicas") == 2)
        assert {pod["metadata"]["uid"] for pod in sandbox.pods(space)} == before
    finally:
        sandbox.stop()


def test_a_claim_stays_while_a_pod_uses_it(sandbox: Sandbox) -> None:
    space = sandbox.namespace("claims")
    core = f"/api/v1/namespaces/{space}"
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "kept"}, "spec": spec}
    sandbox.apply(f"{core}/persistentvolumeclaims/kept", claim).raise_for_status()
    user = deployment("user")["spec"]["template"]["spec"]
    user["volumes"] = [{"name": "v", "persistentVolumeClaim": {"claimName": "kept"}}]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "user"}, "spec": user}
    sandbox.apply(f"{core}/pods/user", pod).raise_for_status()
    until(lambda: sandbox.get(f"{core}/pods/user")["status"]["phase"] == "Running")
    assert sandbox.http.delete(f"{core}/persistentvolumeclaims/kept").is_success
    assert sandbox.get(f"{core}/persistentvolumeclaims/kept")["metadata"]["deletionTimestamp"]
    assert sandbox.http.delete(f"{core}/pods/user").is_success
    until(lambda: sandbox.http.get(f"{core}/persistentvolumeclaims/kept").status_code == 404)
