"""Create, replace, patch and delete."""

import re
from typing import Any

from fairway_sandbox import deletion, selectors
from fairway_sandbox.api.listing import whole
from fairway_sandbox.api.request import Request
from fairway_sandbox.api.rooms import Rooms
from fairway_sandbox.errors import ApiError, bad_request, details, not_found
from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json, copied
from fairway_sandbox.patches import apply, merge, operations, strategic
from fairway_sandbox.schema import Findings

APPLY = ("application/apply-patch+yaml", "application/apply-patch+json")
JSON_PATCH, MERGE_PATCH = "application/json-patch+json", "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
NO_MANAGER = 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'


async def create(rooms: Rooms, request: Request, kind: Kind, namespace: str | None) -> None:
    obj = checked(rooms, request, kind, request.object())
    entry = rooms.registry.create(kind, namespace, obj, manager=request.manager, dry_run=request.dry_run())
    await request.answer_entry(kind, entry, 201)


async def replace(
    rooms: Rooms, request: Request, kind: Kind, namespace: str | None, name: str, subresource: str = ""
) -> None:
    obj = checked(rooms, request, kind, request.object())
    live = rooms.registry.live(kind, namespace, name)
    entry = rooms.registry.update(
        kind, live, obj, subresource=subresource, manager=request.manager, dry_run=request.dry_run()
    )
    await request.answer_entry(kind, entry)


async def patch(
    rooms: Rooms, request: Request, kind: Kind, namespace: str | None, name: str, subresource: str = ""
) -> None:
    if request.content_type in APPLY:
        await _apply(rooms, request, kind, namespace, name, subresource)
        return
    live = rooms.registry.live(kind, namespace, name)
    body = request.body()
    if not request.content:
        raise bad_request("error decoding patch: unexpected end of JSON input")
    fresh = patched(rooms, kind, live.obj, request.content_type, body)
    if not isinstance(fresh, dict) or not isinstance(fresh.get("metadata"), dict):
        raise ApiError(422, "Invalid", "the patch leaves no object")
    if not (isinstance(body, dict) and (body.get("metadata") or {}).get("resourceVersion")):
        fresh["metadata"].pop("resourceVersion", None)
    obj = checked(rooms, request, kind, fresh)
    entry = rooms.registry.update(
        kind, live, obj, subresource=subresource, manager=request.manager, dry_run=request.dry_run()
    )
    await request.answer_entry(kind, entry)


def patched(rooms: Rooms, kind: Kind, live: Json, content_type: str, body: Any) -> Any:
    """A private object: the live one with the patch done."""
    if content_type == JSON_PATCH:
        return operations.apply(live, body)
    if content_type == MERGE_PATCH:
        return copied(merge.merge(live, body))
    node = rooms.schema.root(kind.api_version, kind.kind)
    if content_type == STRATEGIC and node is not None and isinstance(body, dict):
        return copied(strategic.merge(rooms.schema, node, live, body))
    accepted = ", ".join([JSON_PATCH, MERGE_PATCH, *([STRATEGIC] if node else []), APPLY[0]])
    message = f"the body of the request was in an unknown format - accepted media types include: {accepted}"
    raise ApiError(415, "UnsupportedMediaType", message, {})


async def _apply(
    rooms: Rooms, request: Request, kind: Kind, namespace: str | None, name: str, subresource: str
) -> None:
    if not request.query.get("fieldManager"):
        raise ApiError(422, "Invalid", NO_MANAGER)
    config = checked(rooms, request, kind, request.object())
    live = rooms.store.entry(kind.key, namespace, name)
    if live is None and subresource:
        raise not_found(kind, name)
    merged = apply.apply(
        rooms.schema,
        rooms.schema.root(kind.api_version, kind.kind),
        live.obj if live else None,
        config,
        request.manager,
        kind.api_version,
        force=request.query.get("force") in ("true", "1"),
        subresource=subresource,
    )
    if live is None:
        merged["metadata"].setdefault("name", name)
        entry = rooms.registry.create(kind, namespace, merged, manager=request.manager, dry_run=request.dry_run())
        await request.answer_entry(kind, entry, 201)
        return
    managed = merged["metadata"].pop("managedFields")
    if not (config.get("metadata") or {}).get("resourceVersion"):
        merged["metadata"].pop("resourceVersion", None)
    entry = rooms.registry.update(
        kind, live, merged, subresource=subresource, managed=managed, dry_run=request.dry_run()
    )
    await request.answer_entry(kind, entry)


def checked(rooms: Rooms, request: Request, kind: Kind, obj: Json) -> Json:
    """The object once its types hold; unknown fields are refused, or told and taken out, as the caller asks."""
    given = (obj.get("apiVersion") or kind.api_version, obj.get("kind") or kind.kind)
    unhandled = f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}'
    if given != (kind.api_version, kind.kind):
        raise bad_request(f'{given[1]} in version "{given[0]}" cannot be handled as a {kind.kind}')
    findings = Findings()
    rooms.schema.validate(rooms.schema.root(kind.api_version, kind.kind), obj, findings)
    if findings.wrong:
        path, wanted, value = findings.wrong[0]
        found = "number" if isinstance(value, int | float) else type(value).__name__.replace("str", "string")
        raise bad_request(f"{unhandled}: json: cannot unmarshal {found} into Go struct field .{path} of type {wanted}")
    policy = request.query.get("fieldValidation", "Warn")
    told = [f'unknown field "{path}"' for path in findings.unknown]
    if told and policy == "Strict":
        raise bad_request(f"{unhandled}: strict decoding error: {', '.join(told)}")
    for path in findings.unknown:
        _prune(obj, path)
    if policy == "Warn":
        request.warnings += [text.replace('"', '\\"') for text in told]
    return obj


def _prune(obj: Any, path: str) -> None:
    tokens = re.findall(r"\[\d+\]|[^.\[\]]+", path)
    try:
        for token in tokens[:-1]:
            obj = obj[int(token[1:-1])] if token[0] == "[" else obj[token]
        obj.pop(tokens[-1], None)
    except (KeyError, IndexError, TypeError):
        return


def delete_options(request: Request) -> Json:
    options = request.body() or {}
    if "gracePeriodSeconds" in request.query:
        options.setdefault("gracePeriodSeconds", int(request.query["gracePeriodSeconds"]))
    if "propagationPolicy" in request.query:
        options.setdefault("propagationPolicy", request.query["propagationPolicy"])
    if "orphanDependents" in request.query:
        options.setdefault("orphanDependents", request.query["orphanDependents"] == "true")
    return dict(options)


async def delete(rooms: Rooms, request: Request, kind: Kind, namespace: str | None, name: str) -> None:
    live, options = rooms.registry.live(kind, namespace, name), delete_options(request)
    entry, gone = deletion.delete(rooms.registry, kind, live, options, dry_run=request.dry_run(options))
    if gone and kind.kind != "Pod":
        told = {**details(kind, name), "uid": entry.obj["metadata"]["uid"]}
        await request.answer_json(
            {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": told}
        )
    else:
        await request.answer(entry.raw)


async def delete_many(rooms: Rooms, request: Request, kind: Kind, namespace: str | None) -> None:
    options = delete_options(request)
    predicate = selectors.predicate(request.query.get("labelSelector"), request.query.get("fieldSelector"))
    entries = rooms.store.every(kind.key, namespace, predicate)
    for entry in entries:
        deletion.delete(rooms.registry, kind, entry, options, dry_run=request.dry_run(options))
    await request.answer(whole(kind, entries, {"resourceVersion": str(rooms.store.version)}))
