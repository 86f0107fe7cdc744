"""Watches: what was missed, what comes, bookmarks, and 410 when the log no longer reaches back."""

import asyncio
import random
import time

import orjson

from fairway_sandbox import selectors, tables
from fairway_sandbox.api.negotiation import JSON
from fairway_sandbox.api.request import Request
from fairway_sandbox.api.rooms import Rooms
from fairway_sandbox.errors import ApiError, bad_request
from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json
from fairway_sandbox.store import Event, Watcher
from fairway_sandbox.tables.table import partial

BOOKMARK_SECONDS = 60.0
NOT_OLDER = "NotOlderThan"
INITIAL_END = {"k8s.io/initial-events-end": "true"}


async def watch(rooms: Rooms, request: Request, kind: Kind, namespace: str | None) -> None:
    predicate = selectors.predicate(request.query.get("labelSelector"), request.query.get("fieldSelector"), kind.kind)
    initial, marks = _streams_list(request), _wants_bookmarks(request)
    version = request.query.get("resourceVersion", "")
    if version and not version.isdigit():
        raise bad_request(f'resourceVersion: Invalid value: "{version}": strconv.ParseUint: invalid syntax')
    since = None if version in ("", "0") or initial else int(version)
    lines = Lines(rooms, request, kind)
    try:
        watcher, missed = rooms.store.watch(kind.key, namespace, predicate, since)
    except ApiError as error:
        await request.begin(JSON)
        await request.push(orjson.dumps({"type": "ERROR", "object": error.status()}) + b"\n")
        await request.end()
        return
    try:
        await request.begin(JSON)
        first = [lines.event(type, event) for type, event in missed]
        await request.push(b"".join([*first, *([lines.bookmark(INITIAL_END)] if initial and marks else [])]))
        await _follow(rooms, request, watcher, lines)
    finally:
        rooms.store.unwatch(kind.key, watcher)


def _streams_list(request: Request) -> bool:
    """Whether all objects come first, with a bookmark behind them."""
    asked, match = request.query.get("sendInitialEvents"), request.query.get("resourceVersionMatch")
    if match == (NOT_OLDER if asked else None):
        return asked in ("true", "1")
    why = f"sendInitialEvents requires setting resourceVersionMatch to {NOT_OLDER}"
    if not asked:
        why = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
    cause = {"reason": "FieldValueForbidden", "message": f"Forbidden: {why}", "field": "resourceVersionMatch"}
    message = f'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: {why}'
    raise ApiError(422, "Invalid", message, {"group": "meta.k8s.io", "kind": "ListOptions", "causes": [cause]})


def _wants_bookmarks(request: Request) -> bool:
    return request.query.get("allowWatchBookmarks") in ("true", "1")


async def _follow(rooms: Rooms, request: Request, watcher: Watcher, lines: "Lines") -> None:
    try:
        seconds = float(request.query.get("timeoutSeconds") or random.randint(1800, 3600))
    except ValueError as error:
        raise bad_request("timeoutSeconds is not a number") from error
    end = time.monotonic() + seconds
    marks = _wants_bookmarks(request)
    over = [asyncio.create_task(request.gone()), asyncio.create_task(rooms.closing.wait())]
    getter = asyncio.create_task(watcher.queue.get())
    try:
        while not any(o.done() for o in over):
            left = end - time.monotonic()
            if left <= 0:
                break
            pause = min(left, BOOKMARK_SECONDS)
            await asyncio.wait([getter, *over], timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            if getter.done():
                found = [getter.result()]
                while not watcher.queue.empty():
                    found.append(watcher.queue.get_nowait())
                await request.push(b"".join(lines.event(type, event) for type, event in found))
                getter = asyncio.create_task(watcher.queue.get())
            elif marks and not any(o.done() for o in over):
                await request.push(lines.bookmark())
        if not over[0].done():
            await request.end()
    finally:
        for task in (getter, *over):
            task.cancel()


class Lines:
    """Events as the caller wants them: whole objects, rows of a table, or metadata."""

    def __init__(self, rooms: Rooms, request: Request, kind: Kind) -> None:
        self._rooms, self._request, self._kind = rooms, request, kind
        self._columns = True

    def event(self, type: str, event: Event) -> bytes:
        obj = event.entry.obj
        if self._request.wants_table:
            return self._line(type, self._table([obj], {"resourceVersion": str(event.entry.version)}))
        if self._request.wants_partial:
            return self._line(type, partial(obj))
        return event.line(type)

    def bookmark(self, annotations: dict[str, str] | None = None) -> bytes:
        meta: Json = {"resourceVersion": str(self._rooms.store.version), "creationTimestamp": None}
        if annotations:
            meta["annotations"] = annotations
        if self._request.wants_table:
            return self._line("BOOKMARK", self._table([], meta))
        return self._line("BOOKMARK", {"kind": self._kind.kind, "apiVersion": self._kind.api_version, "metadata": meta})

    def _table(self, objects: list[Json], meta: Json) -> Json:
        made = tables.table(self._kind, objects, self._request.include, meta, columns=self._columns)
        self._columns = False
        return made

    def _line(self, type: str, obj: Json) -> bytes:
        return orjson.dumps({"type": type, "object": obj}) + b"\n"
