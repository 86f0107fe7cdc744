"""REST over the standard library's HTTP client, which starts in a third of the time of the others."""

import http.client
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from fairway.cli.failure import UNREACHABLE, Failure, from_problem, usage

PATIENCE = 30.0
UNAUTHORIZED = 401
QUIET = 60.0  # a stream says that it is still there every 15 s
NEXT = re.compile(r'<([^>]*)>;\s*rel="next"')


@dataclass(frozen=True)
class Answer:
    """document: the JSON of the body, None without one. headers: names in lower case."""

    status: int
    document: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Event:
    """One server-sent event. data: its JSON, or the bare text."""

    id: str
    kind: str
    data: Any


@dataclass(frozen=True)
class Request:
    """path: below /api/v1. patience: seconds for each answer of the network, None for any."""

    method: str
    path: str
    body: Any
    query: Mapping[str, Any] | None
    headers: Mapping[str, str]
    patience: float | None = None


class Client:
    """url: the server's, without `/api/v1`. renewed: asked once for the token of now when the server refuses the one
    in use, as after its restart, which revokes what the run before it gave to this machine."""

    def __init__(self, url: str, token: str, renewed: Callable[[], str] | None = None) -> None:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise usage(f"{url!r} is no address of a server", "Write it like http://127.0.0.1:8600.")
        self.url, self.token, self._parts = parts.geturl().rstrip("/"), token, parts
        self._renewed = renewed

    def get(self, path: str, **query: Any) -> Any:
        return self.ask("GET", path, query=query).document

    def post(self, path: str, body: Any = None) -> Any:
        return self.ask("POST", path, body if body is not None else {}).document

    def pages(self, path: str, limit: int, **query: Any) -> list[Any]:
        """Up to `limit` rows, however many pages that takes."""
        rows: list[Any] = []
        answer = self.ask("GET", path, query={**query, "limit": min(limit, 200)})
        while True:
            rows += answer.document
            following = NEXT.search(answer.headers.get("link", ""))
            if following is None or len(rows) >= limit:
                return rows[:limit]
            answer = self.ask("GET", following[1].removeprefix("/api/v1"))

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request under /api/v1. Raises Failure for every answer but a good one."""
        sent = {"Accept": "application/json", **(headers or {})}
        if method == "POST":
            sent["Idempotency-Key"] = os.urandom(16).hex()
        response, connection = self._send(Request(method, path, body, query, sent, PATIENCE))
        try:
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise self.unreachable(error) from error
        finally:
            connection.close()
        document = self._document(response, text)
        if response.status >= 300:
            raise self._failure(response.status, document)
        return Answer(response.status, document, {k.lower(): v for k, v in response.getheaders()})

    def lines(self, path: str, query: Mapping[str, Any], accept: str = "text/plain") -> Iterator[str]:
        """A body that goes on, line by line. A pause of any length is none of ours to judge."""
        response, connection = self._send(Request("GET", path, None, query, {"Accept": accept}))
        try:
            self._check(response)
            for line in response:
                yield line.decode(errors="replace").rstrip("\r\n")
        except (OSError, http.client.HTTPException) as error:
            raise self.unreachable(error) from error
        finally:
            connection.close()

    def events(self, path: str, since: str = "", query: Mapping[str, Any] | None = None) -> Iterator[Event]:
        """Server-sent events until the server ends the stream. Raises Failure (unreachable) when it breaks off."""
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": since} if since else {})}
        response, connection = self._send(Request("GET", path, None, query, headers, QUIET))
        try:
            self._check(response)
            yield from _events(response)
        except (OSError, http.client.HTTPException) as error:
            raise self.unreachable(error) from error
        finally:
            connection.close()

    def renew(self, refused: str) -> bool:
        """Whether there is another token than the one that was refused; it is used from now on."""
        if self.token == refused and self._renewed:
            self.token = self._renewed()
        return self.token != refused

    def _send(self, request: Request) -> tuple[http.client.HTTPResponse, http.client.HTTPConnection]:
        token = self.token
        response, connection = self._send_once(request)
        if response.status != UNAUTHORIZED or not self.renew(token):
            return response, connection
        connection.close()
        return self._send_once(request)

    def _send_once(self, request: Request) -> tuple[http.client.HTTPResponse, http.client.HTTPConnection]:
        kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=request.patience)
        said = {k: v for k, v in (request.query or {}).items() if v not in (None, "", False)}
        target = f"{self._parts.path.rstrip('/')}/api/v1{request.path}"
        if said:
            target += "?" + urlencode({k: "true" if v is True else v for k, v in said.items()}, doseq=True)
        sent = {"User-Agent": "fairway-cli", **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
        payload = None if request.body is None else json.dumps(request.body).encode()
        if payload is not None:
            sent["Content-Type"] = "application/json"
        try:
            connection.request(request.method, target, payload, {**sent, **request.headers})
            return connection.getresponse(), connection
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise self.unreachable(error) from error
        except KeyboardInterrupt:
            connection.close()
            raise

    def _check(self, response: http.client.HTTPResponse) -> None:
        if response.status >= 300:
            raise self._failure(response.status, self._document(response, response.read()))

    def _document(self, response: http.client.HTTPResponse, text: bytes) -> Any:
        if not text:
            return None
        try:
            return json.loads(text)
        except ValueError as error:
            raise Failure(
                f"{self.url} answered {response.status} with something that is no JSON",
                "Is this the address of a Fairway server?",
                code=UNREACHABLE,
                status=response.status,
            ) from error

    def _failure(self, status: int, document: Any) -> Failure:
        return from_problem(status, document if isinstance(document, dict) else {})

    def unreachable(self, error: Exception) -> Failure:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return Failure(
            f"{self.url} does not answer ({reason.lower()})",
            "Start it with `fairway up`, or name another server with --url.",
            code=UNREACHABLE,
        )


def _events(response: http.client.HTTPResponse) -> Iterator[Event]:
    identity, kind, data = "", "", list[str]()
    for raw in response:
        line = raw.decode(errors="replace").rstrip("\r\n")
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line and data:
            yield Event(identity, kind or "message", _parse("\n".join(data)))
        if not line:
            kind, data = "", []
        elif field == "id":
            identity = value
        elif field == "event":
            kind = value
        elif field == "data":
            data.append(value)


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
