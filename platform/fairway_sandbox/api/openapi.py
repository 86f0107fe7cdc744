"""The OpenAPI documents, built from the definitions when they are asked for: v3 by group, v2 as JSON or protobuf."""

import asyncio
from typing import Any

import orjson

from fairway_sandbox.api import openapi_wire
from fairway_sandbox.api.negotiation import JSON
from fairway_sandbox.api.request import Request
from fairway_sandbox.api.rooms import Rooms
from fairway_sandbox.errors import no_such_resource
from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json
from fairway_sandbox.schema import reachable, read_definitions

INFO = {"title": "Kubernetes", "version": "v1.34.0"}
OPTIONS = ("dryRun", "fieldManager", "fieldValidation")


async def answer(rooms: Rooms, request: Request) -> None:
    match request.parts[1:]:
        case ["v2"]:
            kinds = [kind for group in [("", "v1"), *rooms.kinds.groups()] for kind in _kinds(rooms, *group)]
            accepted = request.headers.get("accept", "")
            in_protobuf = "proto" in accepted and "json" not in accepted
            write, type = (openapi_wire.document, openapi_wire.TYPE) if in_protobuf else (orjson.dumps, JSON)
            await request.answer(await asyncio.to_thread(lambda: write(_v2(kinds))), type=type)
        case ["v3"]:
            paths = {"api/v1": {"serverRelativeURL": "/openapi/v3/api/v1?hash=1"}}
            for group, version in rooms.kinds.groups():
                name = f"apis/{group}/{version}"
                paths[name] = {"serverRelativeURL": f"/openapi/v3/{name}?hash=1"}
            await request.answer_json({"paths": paths})
        case ["v3", "api", version]:
            await request.answer(await asyncio.to_thread(_v3, _kinds(rooms, "", version)))
        case ["v3", "apis", group, version]:
            await request.answer(await asyncio.to_thread(_v3, _kinds(rooms, group, version)))
        case _:
            raise no_such_resource()


def _kinds(rooms: Rooms, group: str, version: str) -> list[Kind]:
    return [k for k in rooms.kinds.stored.values() if (k.group, k.version) == (group, version)]


def _v3(kinds: list[Kind]) -> bytes:
    schemas = _definitions(kinds, "#/components/schemas/")
    paths = {path: item for kind in kinds for path, item in _paths(kind, v3=True).items()}
    return orjson.dumps({"openapi": "3.0.0", "info": INFO, "paths": paths, "components": {"schemas": schemas}})


def _v2(kinds: list[Kind]) -> Json:
    paths = {path: item for kind in kinds for path, item in _paths(kind, v3=False).items()}
    definitions = _definitions(kinds, "#/definitions/")
    return {"swagger": "2.0", "info": INFO, "paths": paths, "definitions": definitions}


def _definitions(kinds: list[Kind], prefix: str) -> Json:
    definitions = read_definitions()
    wanted = {(k.group, k.version, k.kind) for k in kinds}
    names = [
        name
        for name, node in definitions.items()
        for gvk in node.get("x-kubernetes-group-version-kind", ())
        if (gvk["group"], gvk["version"], gvk["kind"]) in wanted
    ]
    return {name: _plain(name, definitions[name], prefix) for name in sorted(reachable(definitions, names))}


def _plain(name: str, node: Any, prefix: str) -> Json:
    if name.endswith("resource.Quantity"):
        return {"type": "string"}
    if name.endswith("intstr.IntOrString"):
        return {"type": "string", "format": "int-or-string"}
    plain: Json = _without_null(node, prefix)
    return plain


def _without_null(node: Any, prefix: str) -> Any:
    if isinstance(node, list):
        return [_without_null(item, prefix) for item in node]
    if not isinstance(node, dict):
        return node
    made = {}
    for key, value in node.items():
        if key == "$ref" and isinstance(value, str):
            made[key] = prefix + value.rsplit("/", 1)[1]
        elif key == "type" and isinstance(value, list):
            made[key] = next(t for t in value if t != "null")
        else:
            made[key] = _without_null(value, prefix)
    if "properties" in made:
        made.setdefault("type", "object")
    return made


def _paths(kind: Kind, *, v3: bool) -> Json:
    def parameter(name: str, type: str = "string") -> Json:
        shape: Json = {"schema": {"type": type, "uniqueItems": True}} if v3 else {"type": type, "uniqueItems": True}
        return {"name": name, "in": "query", **shape}

    own = {"group": kind.group, "kind": kind.kind, "version": kind.version}

    def operation(action: str, *parameters: Json) -> Json:
        marks = {"x-kubernetes-action": action, "x-kubernetes-group-version-kind": own}
        return {**marks, "parameters": list(parameters), "responses": {"200": {"description": "OK"}}}

    write = [parameter(name) for name in OPTIONS]
    base = kind.prefix + ("/namespaces/{namespace}" if kind.namespaced else "") + f"/{kind.plural}"
    one = {"get": operation("get"), "put": operation("put", *write), "delete": operation("delete", write[0])}
    one["patch"] = operation("patch", *write, parameter("force", "boolean"))
    return {base: {"get": operation("list"), "post": operation("post", *write)}, f"{base}/{{name}}": one}
