"""A small HTTP server that answers what a test says, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Said:
    """body: a document, or the text of an event stream."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Said | Callable[[Asked], Said]


class Script:
    """`script.on("GET", "/services", [...])`. Several answers to one question come in turn; the last stays."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[tuple[str, str], list[Answer]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def on(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> None:
        answer = body if callable(body) else Said(body, status, headers)
        self.answers.setdefault((method, path), []).append(answer)

    def stream(self, path: str, *events: tuple[str, Any]) -> None:
        """Server-sent events, numbered from 1."""
        parts = [f"id: {n}\nevent: {k}\ndata: {json.dumps(d)}\n\n" for n, (k, d) in enumerate(events, 1)]
        self.on("GET", path, "".join(parts))

    def sent(self, method: str, path: str) -> list[Any]:
        """The bodies that were sent there."""
        return [a.body for a in self.asked if (a.method, a.path) == (method, path)]

    def answer(self, asked: Asked) -> Said:
        self.asked.append(asked)
        waiting = self.answers.get((asked.method, asked.path))
        if not waiting:
            return Said({"title": "Not found", "detail": f"nothing at {asked.method} {asked.path}"}, 404)
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return answer(asked) if callable(answer) else answer

    def __enter__(self) -> "Script":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        script = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                parts = urlsplit(self.path)
                text = self.rfile.read(int(self.headers.get("content-length", 0)))
                path = parts.path.removeprefix("/api/v1")
                headers = {k.lower(): v for k, v in self.headers.items()}
                body = json.loads(text) if text else None
                said = script.answer(Asked(self.command, path, dict(parse_qsl(parts.query)), body, headers))
                self._send(said)

            def _send(self, said: Said) -> None:
                self.send_response(said.status)
                kind = "text/event-stream" if isinstance(said.body, str) else "application/json"
                for name, value in {"Content-Type": kind, "Connection": "close", **said.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if said.body is not None:
                    text = said.body if isinstance(said.body, str) else json.dumps(said.body)
                    self.wfile.write(text.encode())
                self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler
