"""The ASGI application: who may come in, and which room answers."""

import logging
from typing import Any

from fairway_sandbox.api import (
    access,
    computed,
    discovery,
    execution,
    forwarding,
    listing,
    negotiation,
    openapi,
    subresources,
    watching,
    writing,
)
from fairway_sandbox.api.request import Request
from fairway_sandbox.api.rooms import Rooms
from fairway_sandbox.errors import ApiError, no_such_method, no_such_resource, not_found
from fairway_sandbox.kinds import Kind

log = logging.getLogger(__name__)
ROOTS = ["/api", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"]
WRITES = ("POST", "PUT", "PATCH", "DELETE")


class App:
    def __init__(self, rooms: Rooms, token: str) -> None:
        self._rooms, self._token = rooms, token

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive, send)
        if scope["type"] == "websocket":
            await self._socket(request)
            return
        try:
            access.admit(request, self._token)
            if request.method in WRITES:
                await request.read()
            await self._route(request)
        except ApiError as error:
            await request.answer_json(error.status(), error.code, error.headers)
        except Exception as error:
            log.exception("%s %s", request.method, request.raw_path)
            told = ApiError(500, "InternalError", f"Internal error occurred: {error}")
            await request.answer_json(told.status(), 500)
        finally:
            self._rooms.disk.flush()

    async def _socket(self, request: Request) -> None:
        await request.receive()
        try:
            access.admit(request, self._token)
            if len(request.parts) < 7 or request.parts[2] != "namespaces" or request.parts[4] != "pods":
                raise no_such_resource()
            doors = {"exec": execution.execute, "portforward": forwarding.forward}
            if request.parts[6] not in doors:
                raise no_such_resource()
            await doors[request.parts[6]](self._rooms, request, request.parts[3], request.parts[5])
        except ApiError as error:
            await self._refuse(request, error)

    async def _refuse(self, request: Request, error: ApiError) -> None:
        if "websocket.http.response" not in request.scope.get("extensions", {}):
            await request.send({"type": "websocket.close"})
            return
        headers = [(b"content-type", b"application/json")]
        start = {"type": "websocket.http.response.start", "status": error.code, "headers": headers}
        await request.send(start)
        await request.send({"type": "websocket.http.response.body", "body": error.message.encode()})

    async def _route(self, request: Request) -> None:
        parts = request.parts
        if not parts:
            await request.answer_json({"paths": ROOTS})
        elif parts[0] == "api" and len(parts) > 1:
            await self._group(request, "", parts[1], parts[2:])
        elif parts[0] == "apis" and len(parts) > 2:
            await self._group(request, parts[1], parts[2], parts[3:])
        elif parts[0] in access.HEALTH:
            await request.answer(b"ok", type=discovery.TEXT)
        elif parts[0] == "openapi":
            await openapi.answer(self._rooms, request)
        else:
            await discovery.answer(self._rooms, request)

    async def _group(self, request: Request, group: str, version: str, rest: list[str]) -> None:
        if not rest:
            await discovery.answer_resources(self._rooms, request, group, version)
            return
        namespace = None
        if rest[0] == "watch" and len(rest) > 1:
            rest, request.query["watch"] = rest[1:], "1"
        own = len(rest) == 3 and rest[2] in ("status", "finalize")
        if rest[0] == "namespaces" and len(rest) > 2 and not (own and not group):
            namespace, rest = rest[1], rest[2:]
        place = (group, version, rest[0])
        name = rest[1] if len(rest) > 1 else ""
        if place in self._rooms.kinds.computed:
            await computed.answer(self._rooms, request, self._rooms.kinds.computed[place], namespace, name)
            return
        kind = self._rooms.kinds.stored.get(place)
        if kind is None and not self._rooms.kinds.has_group(group, version):
            await request.answer(discovery.NO_PAGE, 404, discovery.TEXT)
            return
        if kind is None or ((name or namespace) and (namespace is not None) != kind.namespaced):
            raise no_such_resource()
        if kind.deprecated:
            request.warnings.append(kind.deprecated)
        if len(rest) < 3 or rest[2] not in subresources.RAW:
            negotiation.require(request.headers.get("accept", ""))
        if len(rest) > 2:
            await subresources.answer(self._rooms, request, kind, namespace, name, rest[2], rest[3:])
        elif name:
            await self._one(request, kind, namespace, name)
        else:
            await self._many(request, kind, namespace)

    async def _one(self, request: Request, kind: Kind, namespace: str | None, name: str) -> None:
        match request.method:
            case "GET" if request.watching:
                request.query["fieldSelector"] = f"metadata.name={name}"
                await watching.watch(self._rooms, request, kind, namespace)
            case "GET":
                entry = self._rooms.store.entry(kind.key, namespace, name)
                if entry is None:
                    raise not_found(kind, name)
                await request.answer_entry(kind, entry)
            case "PUT":
                await writing.replace(self._rooms, request, kind, namespace, name)
            case "PATCH":
                await writing.patch(self._rooms, request, kind, namespace, name)
            case "DELETE":
                await writing.delete(self._rooms, request, kind, namespace, name)
            case _:
                raise no_such_method()

    async def _many(self, request: Request, kind: Kind, namespace: str | None) -> None:
        if kind.namespaced and namespace is None and request.method != "GET":
            raise no_such_method()
        match request.method:
            case "GET" if request.watching:
                await watching.watch(self._rooms, request, kind, namespace)
            case "GET":
                await listing.list_objects(self._rooms, request, kind, namespace)
            case "POST":
                await writing.create(self._rooms, request, kind, namespace)
            case "DELETE" if "deletecollection" in kind.verbs:
                await writing.delete_many(self._rooms, request, kind, namespace)
            case _:
                raise no_such_method()
