"""One request, and the ways to answer it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson
import yaml

from fairway_sandbox import tables
from fairway_sandbox.api.negotiation import JSON, YAML, chosen
from fairway_sandbox.errors import ApiError, bad_request
from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json
from fairway_sandbox.store import Entry
from fairway_sandbox.tables.table import partial

APPLY = ("application/apply-patch+yaml", "application/apply-patch+json")
PROTOBUF = "application/vnd.kubernetes.protobuf"
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Loader(_Base):  # type: ignore[misc]
    """YAML whose dates stay text, as in JSON."""


_Loader.yaml_implicit_resolvers = {
    first: [r for r in resolvers if r[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}


class Request:
    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope, self.receive, self.send = scope, receive, send
        self.method: str = scope.get("method", "GET")
        raw = scope.get("raw_path") or scope["path"].encode()
        self.parts = [unquote(p) for p in raw.decode().split("?")[0].split("/") if p]
        self.raw_path = raw.decode().split("?")[0]
        self.query: dict[str, str] = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        self.headers: dict[str, str] = {k.decode(): v.decode("latin-1") for k, v in scope["headers"]}
        self.content = b""
        self.warnings: list[str] = []

    async def read(self) -> None:
        chunks = []
        while True:
            message = await self.receive()
            chunks.append(message.get("body", b""))
            if not message.get("more_body"):
                break
        self.content = b"".join(chunks)

    @property
    def content_type(self) -> str:
        return str(self.headers.get("content-type", "").partition(";")[0].strip())

    @property
    def watching(self) -> bool:
        return self.query.get("watch") in ("1", "true")

    @property
    def manager(self) -> str:
        return self.query.get("fieldManager") or self.headers.get("user-agent", "").partition("/")[0] or "unknown"

    def dry_run(self, options: Json | None = None) -> bool:
        return bool(self.query.get("dryRun") or (options or {}).get("dryRun"))

    def parsed(self) -> Any:
        """The body by its content type. Raises ValueError."""
        try:
            return orjson.loads(self.content)
        except ValueError:
            if self.content_type not in (YAML, *APPLY):
                raise
        try:
            return yaml.load(self.content, _Loader)
        except yaml.YAMLError as error:
            raise ValueError(str(error)) from error

    def body(self) -> Any:
        """JSON or YAML, None where there is none."""
        if self.content_type == PROTOBUF:
            accepted = f"accepted media types include: {JSON}, {YAML}"
            message = f"the body of the request was in an unknown format - {accepted}"
            raise ApiError(415, "UnsupportedMediaType", message)
        if not self.content:
            return None
        try:
            return self.parsed()
        except ValueError as error:
            raise bad_request(f"error decoding the request's body: {error}") from error

    def object(self) -> Json:
        body = self.body()
        if not isinstance(body, dict):
            raise bad_request("the request's body is not an object")
        return body

    async def answer(
        self, content: bytes, code: int = 200, type: str = JSON, headers: Mapping[str, str] | None = None
    ) -> None:
        if type == JSON and chosen(self.headers.get("accept", "")) == YAML:
            type, content = YAML, yaml.dump(orjson.loads(content), Dumper=_Dumper).encode()
        fields = [(b"content-type", type.encode()), (b"content-length", str(len(content)).encode())]
        fields += [(k.encode(), v.encode("latin-1", "replace")) for k, v in (headers or {}).items()]
        fields += self._warned()
        await self.send({"type": "http.response.start", "status": code, "headers": fields})
        await self.send({"type": "http.response.body", "body": content})

    async def answer_json(self, body: Any, code: int = 200, headers: Mapping[str, str] | None = None) -> None:
        await self.answer(orjson.dumps(body), code, headers=headers)

    async def begin(self, type: str, code: int = 200) -> None:
        """A stream: `push` its parts, then `end`."""
        fields = [(b"content-type", type.encode()), *self._warned()]
        await self.send({"type": "http.response.start", "status": code, "headers": fields})

    def _warned(self) -> list[tuple[bytes, bytes]]:
        return [(b"warning", f'299 - "{w}"'.encode("latin-1", "replace")) for w in self.warnings]

    async def push(self, chunk: bytes) -> None:
        await self.send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def end(self) -> None:
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def gone(self) -> None:
        """Returns when the caller has left."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    @property
    def wants_table(self) -> bool:
        return "as=Table" in self.headers.get("accept", "")

    @property
    def wants_partial(self) -> bool:
        return "as=PartialObjectMetadata" in self.headers.get("accept", "")

    @property
    def include(self) -> str:
        return self.query.get("includeObject", "Metadata")

    async def answer_entry(self, kind: Kind, entry: Entry, code: int = 200) -> None:
        if self.wants_table:
            meta = {"resourceVersion": str(entry.version)}
            await self.answer_json(tables.table(kind, [entry.obj], self.include, meta), code)
        elif self.wants_partial:
            await self.answer_json(partial(entry.obj), code)
        else:
            await self.answer(entry.raw, code)
