"""From a request to a Postgres that answers, against kubectl applying the same manifests to the same cluster."""

import json
import shutil
import statistics
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.bench.figures import Figure
from tests.e2e.platform import Platform

ROUNDS = 5
KINDS = "secret,service,persistentvolumeclaim,statefulset"
SERVERS_OWN = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "ownerReferences")


def measure(platform: Platform) -> list[Figure]:
    platform.done("service", "create", platform.service)
    with platform.rest(described=False) as rest:
        ask(rest, platform.service, "warm")
        ours = [provision(rest, platform.service, f"db{number}") for number in range(ROUNDS)]
        previews = [preview(rest, platform.service, f"seen{number}") for number in range(ROUNDS)]
    ours_median = statistics.median(ours)
    figures = [
        Figure("request to a Postgres that answers", ours_median, "s", "5", lambda v: v < 5),
        Figure("preview, warm", statistics.median(previews), "s", "1", lambda v: v < 1),
    ]
    if shutil.which("kubectl"):
        theirs = statistics.median(by_kubectl(platform, "warm", number) for number in range(ROUNDS))
        figures += [
            Figure("the same manifests by kubectl apply", theirs, "s"),
            Figure("ratio of the two", ours_median / theirs, "x", "1.5", lambda v: v < 1.5),
        ]
    return figures


def wish(service: str, name: str) -> dict[str, Any]:
    return {"service": service, "environment": "dev", "name": name, "offering": "postgres", "plan": "dev"}


def ask(rest: httpx.Client, service: str, name: str) -> str:
    """Asks for a database and waits for the run; the URI."""
    answer = rest.post("/resources", json=wish(service, name))
    assert answer.status_code == 202, answer.text
    run = answer.headers["location"].removeprefix("/api/v1")
    while (state := rest.get(run).json()["state"]) != "succeeded":
        assert state not in ("failed", "cancelled"), state
        time.sleep(0.02)
    resource = answer.json()["resource"]["id"]
    return str(rest.post(f"/resources/{resource}/reveals").json()["uri"])


def provision(rest: httpx.Client, service: str, name: str) -> float:
    began = time.monotonic()
    reach(ask(rest, service, name))
    return time.monotonic() - began


def preview(rest: httpx.Client, service: str, name: str) -> float:
    began = time.monotonic()
    found = rest.post("/previews", json={"operation": "create", **wish(service, name)}).json()
    while (found := rest.get(f"/previews/{found['id']}").json())["state"] == "computing":
        time.sleep(0.01)
    assert found["state"] == "ready", found
    return time.monotonic() - began


def by_kubectl(platform: Platform, like: str, number: int) -> float:
    """The objects of a provisioned database again, in a namespace of their own."""
    resource = platform.resource(like)
    found = json.loads(kubectl(platform, "get", KINDS, "-n", resource["namespace"], "-o", "json"))
    space = f"bench-{number}"
    path = Path(platform.data) / "bench.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}}))
    kubectl(platform, "apply", "--validate=false", "-f", str(path))
    mine = [anew(item, space) for item in found["items"] if item["metadata"]["name"].startswith(like)]
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": mine}))
    secret = platform.done("connect", like, "--reveal", "-o", "json").document
    began = time.monotonic()
    kubectl(platform, "apply", "--validate=false", "-f", str(path))
    host = kubectl(platform, "get", "service", like, "-n", space, "-o", "jsonpath={.spec.clusterIP}")
    reach(secret["uri"].replace(secret["host"], host))
    return time.monotonic() - began


def anew(item: dict[str, Any], space: str) -> dict[str, Any]:
    metadata = {k: v for k, v in item["metadata"].items() if k not in SERVERS_OWN} | {"namespace": space}
    spec = {k: v for k, v in item.get("spec", {}).items() if k not in ("clusterIP", "clusterIPs", "volumeName")}
    kept = {k: v for k, v in item.items() if k not in ("metadata", "spec", "status")}
    return {**kept, "metadata": metadata, **({"spec": spec} if spec else {})}


def reach(uri: str) -> None:
    while True:
        with suppress(psycopg.OperationalError), psycopg.connect(uri, connect_timeout=1) as connection:
            connection.execute("select 1")
            return
        time.sleep(0.02)


def kubectl(platform: Platform, *words: str) -> str:
    kubeconfig = str(platform.data / "sandbox" / "kubeconfig")
    command = ["kubectl", "--kubeconfig", kubeconfig, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
