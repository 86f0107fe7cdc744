"""A whole platform as its users start it, and the command line in front of it."""

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from fairway.kube import Cluster, kinds
from fairway.kube.kubeconfig import load
from fairway.kube.transport import Transport
from tests.described import Described
from tests.e2e.target import TARGET, Target
from tests.forwarding import Forwarding
from tests.until import until

ENGINE = os.environ.get("FAIRWAY_TEST_ENGINE", "auto")
PATIENCE = 600 if ENGINE == "pulumi" else 150  # the CLI waits for what cannot become ready as long as a program allows

HELD = (kinds.POD, kinds.DEPLOYMENT, kinds.STATEFUL_SET, kinds.PERSISTENT_VOLUME_CLAIM, kinds.SERVICE)


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


class Platform:
    """`fairway up` in a data directory of its own, with a service of its own, since several may share a cluster.

    start() again resumes what end() or kill() left; leave() ends it for good.
    """

    def __init__(self, data: Path, scrape_seconds: int = 1, target: Target = TARGET) -> None:
        self.data, self.target, self.service = data, target, f"shop-{secrets.token_hex(2)}"
        self.port = free_port()
        settings = {"FAIRWAY_DATA_DIR": str(data), "FAIRWAY_PORT": str(self.port)}
        settings["FAIRWAY_SCRAPE_INTERVAL"] = str(scrape_seconds)
        settings["FAIRWAY_ENGINE"] = ENGINE
        settings |= target.settings()
        place = {"FAIRWAY_SERVICE": self.service, "FAIRWAY_ENV": "dev", "HOME": str(data)}
        roots = os.pathsep.join(path for path in sys.path if path)
        kept = {k: v for k, v in os.environ.items() if not k.startswith("FAIRWAY_")}
        self.environment = {**kept, **settings, **place, "PYTHONPATH": roots}
        self.process: subprocess.Popen[str] | None = None
        self.link = ""

    @property
    def namespace(self) -> str:
        return f"{self.service}-dev"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            self._command("up"), env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if "Ctrl-C ends it" in line:
                self.link = re.findall(r"http\S+/sign-in/\S+", said)[0]
                return
        raise AssertionError(f"it did not start: {said}\n{self.logs()}")

    def end(self) -> None:
        """As Ctrl-C does; nothing of it is left running."""
        assert self.process is not None
        below = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=60)
        _, alive = psutil.wait_procs(below, timeout=10)
        assert not alive, [p.cmdline() for p in alive]

    def leave(self) -> None:
        """Ends it if it runs, and takes what it left in a cluster that others use too."""
        if self.process is not None and self.process.poll() is None:
            self.end()
        if self.target.kubeconfig is not None:
            with self.cluster() as cluster:
                for item in cluster.list(kinds.NAMESPACE).items:
                    if item["metadata"]["name"].startswith(f"{self.service}-"):
                        cluster.delete(kinds.NAMESPACE, item["metadata"]["name"])

    def server(self) -> psutil.Process:
        return psutil.Process(int(json.loads((self.data / "server.json").read_text())["pid"]))

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-4000:] for path in (self.data / "logs").glob("*.log"))

    def fairway(self, *words: str, **environment: str) -> Said:
        done = subprocess.run(
            self._command(*words),
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def done(self, *words: str, **environment: str) -> Said:
        """Of a command that must succeed."""
        said = self.fairway(*words, **environment)
        assert said.code == 0, (words, said, self.logs())
        return said

    @contextmanager
    def forwarding(self, name: str) -> Iterator[tuple[Forwarding, Any]]:
        """`fairway connect NAME --forward` on any port, and the document that it prints."""
        words = ("connect", name, "--forward", "0", "--reveal", "-o", "json")
        forwarding = Forwarding(self._command(*words), self.environment)
        try:
            yield forwarding, forwarding.document()
        finally:
            forwarding.process.kill()
            forwarding.ended()

    def resource(self, name: str) -> Any:
        return self.done("get", name, "-o", "json").document

    def token(self) -> str:
        return (self.data / "keys" / "cli.token").read_text().strip()

    def rest(self, described: bool = True) -> httpx.Client:
        """described: what it answers is looked at, and fits the platform's own description."""
        headers = {"Authorization": f"Bearer {self.token()}"}
        described_as = Described(lambda: httpx.get(f"{self.url}/api/openapi.json", headers=headers).json())
        hooks: dict[str, list[Callable[..., Any]]] = {"response": [described_as] if described else []}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=30, event_hooks=hooks)

    @contextmanager
    def cluster(self) -> Iterator[Cluster]:
        """The cluster behind it, without the platform between."""
        cluster = Cluster("asked", Transport(load(self.target.kubeconfig or self.data / "sandbox" / "kubeconfig")))
        try:
            yield cluster
        finally:
            cluster.close()

    def objects(self) -> list[str]:
        """`Kind/name` of what its service has in dev, asked of the cluster itself."""
        with self.cluster() as cluster:
            return [
                f"{kind.name}/{item['metadata']['name']}"
                for kind in HELD
                for item in cluster.list(kind, self.namespace).items
            ]

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "fairway.cli", *words]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def healthy(platform: Platform, name: str, seconds: float = 30) -> Any:
    """The resource's document once its health says so."""
    return until(lambda: platform.resource(name), lambda r: r["health"]["status"] == "healthy", seconds)
