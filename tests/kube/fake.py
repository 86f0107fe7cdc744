"""A small Kubernetes API in this process: objects, watches with 410, logs, evictions, pod proxy; it can vanish."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

TOKEN = "a-token"
RESOURCE = "fairway.dev/resource"
Document = dict[str, Any]


class FakeKubernetes:
    """Objects by (plural, namespace, name); every change is kept for watches until `forget()`."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.objects: dict[tuple[str, str, str], Document] = {}
        self.changes: list[tuple[int, str, str, Document]] = []
        self.version = 100
        self.forgotten = 0
        self.ending = False
        self.token = TOKEN
        self.requests: list[str] = []
        self.bodies: list[Document] = []
        self.logs: dict[str, str] = {}
        self.metrics: dict[str, str] = {}
        self.budget_is_spent = False
        self.page = 500

    def put(self, plural: str, document: Document) -> Document:
        """Adds or changes."""
        with self.changed:
            metadata = document["metadata"]
            key = (plural, metadata.get("namespace", ""), metadata["name"])
            kind = "MODIFIED" if key in self.objects else "ADDED"
            self.version += 1
            metadata["resourceVersion"] = str(self.version)
            self.objects[key] = document
            self.changes.append((self.version, kind, plural, json.loads(json.dumps(document))))
            self.changed.notify_all()
        return document

    def drop(self, plural: str, namespace: str, name: str) -> Document:
        with self.changed:
            gone = self.objects.pop((plural, namespace, name))
            self.version += 1
            gone["metadata"]["resourceVersion"] = str(self.version)
            self.changes.append((self.version, "DELETED", plural, gone))
            self.changed.notify_all()
        return gone

    def forget(self) -> None:
        """Compaction: watches from an older version get a 410, and those that are open end."""
        with self.changed:
            self.version += 1
            self.forgotten = self.version
            self.changes.clear()
            self.changed.notify_all()

    def kubeconfig(self, port: int) -> str:
        return yaml.safe_dump(
            {
                "current-context": "fake",
                "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "me"}}],
                "clusters": [{"name": "fake", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
                "users": [{"name": "me", "user": {"token": TOKEN}}],
            }
        )


class Running:
    """The fake on a port; `stop` and `start` make it vanish and come back on the same one."""

    def __init__(self) -> None:
        self.api = FakeKubernetes()
        self.port = 0
        self._server: _Server | None = None
        self.start()

    def start(self) -> None:
        self.api.ending = False
        handler = type("Handler", (_Handler,), {"api": self.api})
        self._server = _Server(("127.0.0.1", self.port), handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        assert self._server is not None
        with self.api.changed:
            self.api.ending = True
            self.api.changed.notify_all()
        self._server.shutdown()
        self._server.server_close()
        for connection in self._server.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def kubeconfig(self) -> str:
        return self.api.kubeconfig(self.port)


@contextmanager
def running() -> Iterator[Running]:
    fake = Running()
    try:
        yield fake
    finally:
        fake.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], handler: Any) -> None:
        super().__init__(address, handler)
        self.connections: list[socket.socket] = []

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.append(request)
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left is no news."""


class _Handler(BaseHTTPRequestHandler):
    api: FakeKubernetes
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if not self._begin():
            return
        if self.parts == ["version"]:
            self._answer(200, {"gitVersion": "v1.34.2"})
        elif self.name.endswith(("/proxy/metrics", "/log")) or "/proxy/" in self.name:
            self._text()
        elif self.name:
            self._one()
        elif self.query.get("watch") == "true":
            self._watch()
        else:
            self._list()

    def do_POST(self) -> None:
        if not self._begin():
            return
        if self.name.endswith("/eviction"):
            self._evict()
        elif self.plural == "selfsubjectaccessreviews":
            attributes = self.body["spec"]["resourceAttributes"]
            self._answer(201, {"status": {"allowed": attributes["verb"] != "delete"}})
        else:
            self.body["metadata"].setdefault("namespace", self.namespace)
            self._answer(201, self.api.put(self.plural, self.body))

    def do_PATCH(self) -> None:
        if self._begin() and (found := self._found()):
            self._answer(200, self.api.put(self.plural, _merged(found, self.body)))

    def do_DELETE(self) -> None:
        if not self._begin() or not (found := self._found()):
            return
        uid = (self.body.get("preconditions") or {}).get("uid")
        if uid and uid != found["metadata"]["uid"]:
            self._fail(409, "Conflict", f"Precondition failed: UID in precondition: {uid}")
        elif self.body.get("dryRun"):
            self._answer(200, found)
        else:
            self._answer(200, self.api.drop(self.plural, self.namespace, self.name))

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def _begin(self) -> bool:
        url = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.parts = url.path.strip("/").split("/")
        self.body: Document = {}
        length = int(self.headers.get("Content-Length") or 0)
        if length:
            self.body = json.loads(self.rfile.read(length))
            self.api.bodies.append(self.body)
        self.api.requests.append(f"{self.command} {self.path}")
        rest = self.parts[2:] if self.parts[0] == "api" else self.parts[3:]
        self.namespace = ""
        if rest[:1] == ["namespaces"] and len(rest) > 2:
            self.namespace, rest = rest[1], rest[2:]
        self.plural, self.name = (rest or [""])[0], "/".join(rest[1:])
        if self.headers.get("Authorization") != f"Bearer {self.api.token}":
            self._fail(401, "Unauthorized", "Unauthorized")
            return False
        return True

    def _found(self) -> Document | None:
        found = self.api.objects.get((self.plural, self.namespace, self.name))
        if found is None:
            self._fail(404, "NotFound", f'{self.plural} "{self.name}" not found')
        return found

    def _one(self) -> None:
        if found := self._found():
            self._answer(200, found)

    def _text(self) -> None:
        source = self.api.logs if self.name.endswith("/log") else self.api.metrics
        pod = self.name.split("/")[0].split(":")[0]
        key = f"{pod}?previous" if self.query.get("previous") == "true" else pod
        if key not in source:
            self._fail(503, "ServiceUnavailable", f"nothing of {pod}")
            return
        lines = source[key].splitlines(keepends=True)
        self._send(200, "text/plain", "".join(lines[-int(self.query.get("tailLines", len(lines))) :]).encode())

    def _evict(self) -> None:
        pod = self.name.split("/")[0]
        if self.api.budget_is_spent:
            cause = {"reason": "DisruptionBudget", "message": "The disruption budget web needs 3 healthy pods"}
            self._fail(429, "TooManyRequests", "Cannot evict pod as it would violate the budget.", [cause])
        else:
            if not (self.body.get("deleteOptions") or {}).get("dryRun"):
                self.api.drop("pods", self.namespace, pod)
            self._answer(201, {"kind": "Status", "status": "Success"})

    def _list(self) -> None:
        with self.api.changed:
            chosen = [o for k, o in sorted(self.api.objects.items()) if self._is_chosen(k[0], o)]
            version = str(self.api.version)
        start = int(self.query.get("continue", 0))
        page = chosen[start : start + self.api.page]
        more = str(start + self.api.page) if start + self.api.page < len(chosen) else ""
        self._answer(200, {"metadata": {"resourceVersion": version, "continue": more}, "items": page})

    def _watch(self) -> None:
        since = int(self.query["resourceVersion"])
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        opened = self.api.forgotten
        while True:
            with self.api.changed:
                if since < self.api.forgotten and opened == self.api.forgotten:
                    status = {"code": 410, "reason": "Expired", "message": f"too old resource version: {since}"}
                    self._chunk({"type": "ERROR", "object": status})
                    break
                if self.api.ending or opened != self.api.forgotten:
                    break
                fresh = [c for c in self.api.changes if c[0] > since]
                if not fresh:
                    self.api.changed.wait(1)
            for version, kind, plural, document in fresh:
                since = version
                if self._is_chosen(plural, document):
                    self._chunk({"type": kind, "object": document})
        self.wfile.write(b"0\r\n\r\n")

    def _is_chosen(self, plural: str, document: Document) -> bool:
        metadata = document["metadata"]
        if plural != self.plural or (self.namespace and metadata.get("namespace") != self.namespace):
            return False
        labels = metadata.get("labels") or {}
        for part in filter(None, self.query.get("labelSelector", "").split(",")):
            name, sign, value = part.partition("=")
            if name not in labels or (sign and labels[name] != value):
                return False
        fields = dict(p.split("=") for p in self.query.get("fieldSelector", "").split(",") if p)
        about, kind = fields.get("involvedObject.name"), fields.get("type")
        return about in (None, (document.get("involvedObject") or {}).get("name")) and kind in (
            None,
            document.get("type"),
        )

    def _chunk(self, document: Document) -> None:
        data = json.dumps(document).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _fail(self, status: int, reason: str, message: str, causes: list[Document] | None = None) -> None:
        body = {"kind": "Status", "code": status, "reason": reason, "message": message}
        self._answer(status, {**body, "details": {"causes": causes or []}})

    def _answer(self, status: int, document: Document) -> None:
        self._send(status, "application/json", json.dumps(document).encode())

    def _send(self, status: int, content_type: str, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _merged(document: Document, patch: Document) -> Document:
    result = dict(document)
    for key, value in patch.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _merged(result[key], value)
        elif value is None:
            result.pop(key, None)
        else:
            result[key] = value
    return result
