"""An installation of the chart, with a Postgres of its own beside it."""

import base64
import json
import os
import secrets
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.until import until

ROOT = Path(__file__).resolve().parents[3]
CHART = ROOT / "platform" / "deploy" / "chart"
SPACE = "fairway-system"
REPLICAS = ("fairway-0", "fairway-1")


def run(*command: str, given: str = "") -> str:
    """What it prints. Raises AssertionError with what it complains about."""
    done = subprocess.run(command, input=given or None, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


@dataclass(frozen=True)
class Release:
    kubeconfig: Path
    image: str

    def kubectl(self, *words: str, given: str = "") -> str:
        return run("kubectl", f"--kubeconfig={self.kubeconfig}", "-n", SPACE, *words, given=given)

    def get(self, *words: str) -> Any:
        return json.loads(self.kubectl("get", *words, "-o", "json"))

    def install(self) -> None:
        """With a new namespace and a new database; returns when both replicas are ready."""
        run("kubectl", f"--kubeconfig={self.kubeconfig}", "create", "namespace", SPACE)
        password = secrets.token_urlsafe(24)
        self.kubectl("apply", "-f", "-", given=json.dumps(database(password)))
        self.kubectl("rollout", "status", "statefulset/database", "--timeout=120s")
        keys = {name: secrets.token_urlsafe(32) for name in ("secret-key", "state-passphrase", "metrics-token")}
        url = f"postgresql://fairway:{password}@database.{SPACE}.svc/fairway"
        for name, data in (("fairway-database", {"url": url}), ("fairway-keys", keys)):
            self.kubectl("apply", "-f", "-", given=json.dumps(secret(name, data)))
        repository, _, tag = self.image.rpartition(":")
        values = {"image": {"repository": repository, "tag": tag}, "settings": {"FAIRWAY_SCRAPE_INTERVAL": "1"}}
        waiting = ("--wait", "--timeout=180s")
        self.helm("install", "fairway", str(CHART), "--values", "-", *waiting, given=json.dumps(values))

    def helm(self, *words: str, given: str = "") -> str:
        return run("helm", f"--kubeconfig={self.kubeconfig}", "--namespace", SPACE, *words, given=given)

    def remove(self) -> None:
        subprocess.run(
            ["helm", f"--kubeconfig={self.kubeconfig}", "-n", SPACE, "uninstall", "fairway", "--wait"],
            capture_output=True,
            check=False,
        )
        run("kubectl", f"--kubeconfig={self.kubeconfig}", "delete", "namespace", SPACE, "--ignore-not-found")

    def fairway(self, replica: str, *words: str) -> str:
        """A command of the CLI in a replica's pod, as its first admin."""
        return self.kubectl("exec", replica, "--", "fairway", *words)

    def token(self, replica: str) -> str:
        return self.kubectl("exec", replica, "--", "cat", "/var/lib/fairway/keys/cli.token").strip()

    def rest(self, token: str) -> httpx.Client:
        """Through the Service: whichever replica answers."""
        address = self.get("service", "fairway")["spec"]["clusterIP"]
        return httpx.Client(
            base_url=f"http://{address}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30
        )

    def ready(self) -> None:
        def whole() -> bool:
            pods = self.get("pods", "-l", "app.kubernetes.io/name=fairway")["items"]
            return len(pods) == len(REPLICAS) and all(_ready(pod) for pod in pods)

        until(whole, bool, 120)


def _ready(pod: Any) -> bool:
    conditions: Sequence[Any] = pod["status"].get("conditions", ())
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def secret(name: str, data: dict[str, str]) -> dict[str, Any]:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": encoded}


def database(password: str) -> dict[str, Any]:
    """A Postgres as anybody would set one up by hand."""
    labels = {"app": "database"}
    variables = {"POSTGRES_USER": "fairway", "POSTGRES_PASSWORD": password, "PGDATA": "/var/lib/postgresql/data/pgdata"}
    container = {
        "name": "postgres",
        "image": "postgres:18",
        "args": ["-c", "max_connections=200"],
        "env": [{"name": name, "value": value} for name, value in variables.items()],
        "readinessProbe": {"exec": {"command": ["pg_isready", "-U", "fairway", "-h", "localhost"]}, "periodSeconds": 1},
        "volumeMounts": [{"name": "data", "mountPath": "/var/lib/postgresql/data"}],
    }
    pod = {"containers": [container], "securityContext": {"runAsUser": 999, "fsGroup": 999}}
    pod["volumes"] = [{"name": "data", "emptyDir": {}}]
    stateful = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "database"},
        "spec": {
            "serviceName": "database",
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "database"},
        "spec": {"selector": labels, "ports": [{"port": 5432}]},
    }
    return {"apiVersion": "v1", "kind": "List", "items": [stateful, service]}


def image() -> str:
    """Loaded into our own cluster; of another one FAIRWAY_TEST_IMAGE names one that it can pull."""
    given = os.environ.get("FAIRWAY_TEST_IMAGE")
    if given:
        return given
    from tests.real.cluster import cluster
    from tests.real.images import server

    cluster.load(server.made())
    return server.NAME.removeprefix("docker.io/")
