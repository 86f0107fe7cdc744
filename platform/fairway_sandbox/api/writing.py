"""Create, replace, patch and delete."""

from typing import Any

from fairway_sandbox import deletion, selectors
from fairway_sandbox.api import decoding, options
from fairway_sandbox.api.listing import whole
from fairway_sandbox.api.request import APPLY, Request
from fairway_sandbox.api.rooms import Rooms
from fairway_sandbox.errors import ApiError, bad_request, conflict, details, not_found, unsupported_media_type
from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json, copied
from fairway_sandbox.patches import apply, merge, operations, strategic

JSON_PATCH, MERGE_PATCH = "application/json-patch+json", "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


async def create(rooms: Rooms, request: Request, kind: Kind, namespace: str | None) -> None:
    options.check_write(request)
    obj = decoding.read(rooms, request, kind)
    entry = rooms.registry.create(kind, namespace, obj, manager=request.manager, dry_run=request.dry_run())
    await request.answer_entry(kind, entry, 201)


async def replace(
    rooms: Rooms, request: Request, kind: Kind, namespace: str | None, name: str, subresource: str = ""
) -> None:
    options.check_write(request)
    obj = decoding.read(rooms, request, kind)
    live = rooms.registry.live(kind, namespace, name)
    entry = rooms.registry.update(
        kind, live, obj, subresource=subresource, manager=request.manager, dry_run=request.dry_run()
    )
    await request.answer_entry(kind, entry)


async def patch(
    rooms: Rooms, request: Request, kind: Kind, namespace: str | None, name: str, subresource: str = ""
) -> None:
    options.check_write(request, apply=request.content_type in APPLY)
    if request.content_type in APPLY:
        await _apply(rooms, request, kind, namespace, name, subresource)
        return
    if request.content_type not in (JSON_PATCH, MERGE_PATCH, STRATEGIC):
        raise unsupported_media_type()
    live = rooms.registry.live(kind, namespace, name)
    body = request.body()
    if not request.content:
        raise bad_request("error decoding patch: unexpected end of JSON input")
    fresh = patched(rooms, kind, live.obj, request.content_type, body)
    if not isinstance(fresh, dict) or not isinstance(fresh.get("metadata"), dict):
        raise ApiError(422, "Invalid", "the patch leaves no object")
    if not (isinstance(body, dict) and (body.get("metadata") or {}).get("resourceVersion")):
        fresh["metadata"].pop("resourceVersion", None)
    obj = decoding.checked(rooms, request, kind, fresh)
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
    config = decoding.declared(rooms, kind, request.object())
    live = rooms.store.entry(kind.key, namespace, name)
    if live is None and subresource:
        raise not_found(kind, name)
    if live is None and (config.get("metadata") or {}).get("resourceVersion"):
        raise conflict(kind, name)
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


async def delete(rooms: Rooms, request: Request, kind: Kind, namespace: str | None, name: str) -> None:
    live, asked = rooms.registry.live(kind, namespace, name), options.of_delete(request)
    entry, gone = deletion.delete(rooms.registry, kind, live, asked, dry_run=request.dry_run(asked))
    if gone and kind.kind != "Pod":
        told = {**details(kind, name), "uid": entry.obj["metadata"]["uid"]}
        await request.answer_json(
            {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": told}
        )
    else:
        await request.answer(entry.raw)


async def delete_many(rooms: Rooms, request: Request, kind: Kind, namespace: str | None) -> None:
    asked = options.of_delete(request)
    predicate = selectors.predicate(request.query.get("labelSelector"), request.query.get("fieldSelector"), kind.kind)
    entries = rooms.store.every(kind.key, namespace, predicate)
    for entry in entries:
        deletion.delete(rooms.registry, kind, entry, asked, dry_run=request.dry_run(asked))
    await request.answer(whole(kind, entries, {"resourceVersion": str(rooms.store.version)}))
