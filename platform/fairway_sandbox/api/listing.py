"""Lists: whole or in pages, as objects, tables or metadata only."""

import base64
import binascii

import orjson

from fairway_sandbox import selectors, tables
from fairway_sandbox.api import options
from fairway_sandbox.api.decoding import json_fault
from fairway_sandbox.api.request import Request
from fairway_sandbox.api.rooms import Rooms
from fairway_sandbox.errors import ApiError, bad_request
from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json
from fairway_sandbox.store import Entry
from fairway_sandbox.tables.table import partial


async def list_objects(rooms: Rooms, request: Request, kind: Kind, namespace: str | None) -> None:
    predicate = selectors.predicate(request.query.get("labelSelector"), request.query.get("fieldSelector"), kind.kind)
    limit, after, version = _page(rooms, request)
    entries, last, left = rooms.store.page(kind.key, namespace, predicate, limit, after)
    meta: Json = {"resourceVersion": version}
    if last is not None:
        meta["continue"] = _token(last, version)
        meta |= {"remainingItemCount": left} if left else {}
    if request.wants_table:
        objects = [e.obj for e in entries]
        await request.answer_json(tables.table(kind, objects, request.include, meta))
    elif request.wants_partial:
        head = {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": meta}
        await request.answer_json({**head, "items": [partial(e.obj) for e in entries]})
    else:
        await request.answer(whole(kind, entries, meta))


def whole(kind: Kind, entries: list[Entry], meta: Json) -> bytes:
    """A list's bytes out of its objects' own; only custom ones tell their type in a list."""
    head = orjson.dumps({"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": meta})
    items = b",".join(e.raw for e in entries) if kind.definition else b",{".join(e.untyped for e in entries)
    return b"".join((head[:-1], b',"items":[', b"{" if entries and not kind.definition else b"", items, b"]}"))


def _page(rooms: Rooms, request: Request) -> tuple[int, tuple[str, str] | None, str]:
    options.check_list(request.query)
    newest = str(rooms.store.version)
    limit, asked = options.limit(request.query), options.version(request.query)
    if asked > rooms.store.version:
        message = f"Timeout: Too large resource version: {asked}, current: {newest}"
        details = {"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]}
        raise ApiError(504, "Timeout", message, {**details, "retryAfterSeconds": 1}, {"Retry-After": "1"})
    token = request.query.get("continue")
    if not token:
        return limit, None, newest
    raw = b""
    try:
        raw = base64.urlsafe_b64decode(token + "==")
        known = orjson.loads(raw)
        return limit, (known["after"][0], known["after"][1]), known["version"]
    except binascii.Error as error:
        raise bad_request("invalid continue token: continue key is not valid: illegal base64 data") from error
    except orjson.JSONDecodeError as error:
        raise bad_request(f"invalid continue token: continue key is not valid: {json_fault(raw, error)}") from error
    except (KeyError, IndexError, TypeError) as error:
        raise bad_request("invalid continue token: continue key is not valid: it names no start") from error


def _token(last: tuple[str, str], version: str) -> str:
    raw = orjson.dumps({"after": last, "version": version})
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
