"""A real sandbox in a process of its own, and a client that speaks plain HTTP to it."""

import base64
import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

SOURCES = Path(__file__).parents[2] / "platform"
APPLY = "application/apply-patch+yaml"


class Sandbox:
    def __init__(self, data: Path) -> None:
        self.data, self.kubeconfig = data, data / "kubeconfig"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "fairway_sandbox", "--data-dir", str(self.data)]
        command += ["--kubeconfig", str(self.kubeconfig), "--follow-parent"]
        environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == "ready"
        document = json.loads(self.kubeconfig.read_text())
        cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        headers = {"Authorization": f"Bearer {user['token']}"}
        context = ssl.create_default_context(cadata=authority)
        self.http = httpx.Client(base_url=cluster["server"], verify=context, headers=headers, timeout=20)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.http.close()
        self.process.send_signal(number)
        self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def get(self, path: str) -> Any:
        return self.http.get(path).raise_for_status().json()

    def apply(self, path: str, obj: dict[str, Any], manager: str = "test", force: bool = False) -> httpx.Response:
        query = {"fieldManager": manager, "force": str(force).lower()}
        return self.http.patch(path, params=query, content=json.dumps(obj), headers={"Content-Type": APPLY})

    def namespace(self, name: str) -> str:
        self.apply(f"/api/v1/namespaces/{name}", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        return name

    def pods(self, namespace: str) -> list[dict[str, Any]]:
        return list(self.get(f"/api/v1/namespaces/{namespace}/pods")["items"])


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    started = Sandbox(tmp_path_factory.mktemp("sandbox"))
    yield started
    started.stop()
