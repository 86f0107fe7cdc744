"""Puts questions to a cluster's API server, and keeps what it answers in a form that another cluster can be held to."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fairway.kube.kubeconfig import load
from tests.mirror import wire
from tests.mirror.normal import Names, normal

NAMESPACE = "mirror"
JSON = "application/json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
CORE = f"/api/v1/namespaces/{NAMESPACE}"
APPS = f"/apis/apps/v1/namespaces/{NAMESPACE}"
BATCH = f"/apis/batch/v1/namespaces/{NAMESPACE}"
POLICY = f"/apis/policy/v1/namespaces/{NAMESPACE}"
KEPT_HEADERS = ("content-type", "warning", "retry-after", "allow", "www-authenticate")


@dataclass(frozen=True)
class Answer:
    """headers: those that clients act on. body: without what differs between any two clusters."""

    status: int
    headers: Mapping[str, str]
    body: Any

    def document(self) -> dict[str, Any]:
        return {"status": self.status, "headers": dict(self.headers), "body": self.body}


@dataclass
class Asker:
    """answers: title -> answer, in the order in which they were asked."""

    server: wire.Server
    answers: dict[str, Answer] = field(default_factory=dict)
    names: Names = field(default_factory=Names)

    def ask(
        self,
        title: str,
        method: str,
        path: str,
        body: Any = None,
        content: str = JSON,
        *,
        accept: str = JSON,
        headers: Mapping[str, str] | None = None,
        anonymous: bool = False,
        only: Callable[[Any], Any] | None = None,
    ) -> Any:
        """Asks and keeps the answer; gives it as it came. only: the part of it that is compared."""
        raw = self.server.request(method, path, body, content, accept, headers or {}, anonymous)
        found = _parsed(raw.text)
        part = only(found) if only is not None and raw.status < 400 else found
        kept = {name: normal(raw.headers[name], self.names) for name in KEPT_HEADERS if name in raw.headers}
        assert title not in self.answers, f"asked twice: {title}"
        self.answers[title] = Answer(raw.status, kept, normal(part, self.names))
        return found

    def note(self, title: str, value: Any) -> None:
        """Keeps something seen otherwise than in one answer: an order of events, an exit code."""
        self.answers[title] = Answer(0, {}, normal(value, self.names))

    def call(self, method: str, path: str, body: Any = None, content: str = JSON) -> wire.Raw:
        """Without keeping the answer."""
        return self.server.request(method, path, body, content, JSON, {}, False)

    def get(self, path: str) -> Any:
        return _parsed(self.call("GET", path).text)

    @staticmethod
    def get_of(raw: wire.Raw) -> Any:
        return _parsed(raw.text)

    def make(self, path: str, document: Any) -> Any:
        raw = self.call("POST", path, document)
        assert raw.status in (200, 201), (path, raw.status, raw.text[:500])
        return _parsed(raw.text)

    def until(self, holds: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
        """What it answers once it is true. Raises AssertionError."""
        until = time.monotonic() + seconds
        while not (found := holds()):
            assert time.monotonic() < until, f"in vain: {what}"
            time.sleep(0.1)
        return found


@contextmanager
def asking(kubeconfig: Path) -> Iterator[Asker]:
    """In a namespace of its own, which goes afterwards."""
    with wire.Server.of(load(kubeconfig)) as server:
        asker = Asker(server)
        nodes = asker.get("/api/v1/nodes")["items"]
        asker.names.nodes = sorted((node["metadata"]["name"] for node in nodes), key=len, reverse=True)
        _remove(asker)
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        asker.make("/api/v1/namespaces", space)
        account = f"{CORE}/serviceaccounts/default"
        asker.until(lambda: asker.call("GET", account).status == 200, "the service account")
        yield asker
        _remove(asker)


def _remove(asker: Asker) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}"
    for item in asker.get(f"{CORE}/configmaps").get("items", []):
        if item["metadata"].get("finalizers"):
            asker.call(
                "PATCH", f"{CORE}/configmaps/{item['metadata']['name']}", {"metadata": {"finalizers": None}}, MERGE
            )
    asker.call("DELETE", path)
    asker.until(lambda: asker.call("GET", path).status == 404, "the namespace to go")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
