"""One follower of a kind: what it has not read yet, seen through its own selector."""

import asyncio

from fairway_sandbox.selectors import Predicate
from fairway_sandbox.store.entry import Event


class Watcher:
    def __init__(self, namespace: str | None, predicate: Predicate | None) -> None:
        self.queue: asyncio.Queue[tuple[str, Event]] = asyncio.Queue()
        self._namespace, self._predicate = namespace, predicate

    def offer(self, event: Event) -> None:
        kind = self.seen(event)
        if kind:
            self.queue.put_nowait((kind, event))

    def seen(self, event: Event) -> str | None:
        """The event's type for this follower: an object that starts to match is ADDED, one that stops is DELETED."""
        obj = event.entry.obj
        if self._namespace and obj["metadata"].get("namespace") != self._namespace:
            return None
        if self._predicate is None:
            return event.type
        hit = self._predicate(obj)
        was = event.before is not None and self._predicate(event.before.obj)
        if event.type == "DELETED":
            return "DELETED" if hit or was else None
        if hit:
            return "MODIFIED" if was else "ADDED"
        return "DELETED" if was else None
