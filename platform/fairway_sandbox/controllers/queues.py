"""A queue for each kind: what its reconciler has to look at again, each object once."""

import asyncio
from collections import defaultdict

from fairway_sandbox.store import Store

Waiting = tuple[str | None, str]


class Queues:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.queues: dict[str, asyncio.Queue[Waiting]] = {}
        self._pending: dict[str, set[Waiting]] = defaultdict(set)
        self._timers: dict[str, dict[Waiting, asyncio.TimerHandle]] = defaultdict(dict)

    def follow(self, key: str) -> "asyncio.Queue[Waiting]":
        """The queue of a kind; from now on `enqueue` fills it."""
        queue = self.queues[key] = asyncio.Queue()
        return queue

    async def next(self, key: str) -> Waiting:
        place = await self.queues[key].get()
        self._pending[key].discard(place)
        return place

    def enqueue(self, key: str, namespace: str | None, name: str, delay: float = 0) -> None:
        if key not in self.queues:
            return
        if delay:
            self._later(key, (namespace, name), delay)
        elif (namespace, name) not in self._pending[key]:
            self._pending[key].add((namespace, name))
            self.queues[key].put_nowait((namespace, name))

    def enqueue_all(self, key: str, namespace: str | None = None) -> None:
        for entry in self.store.every(key, namespace):
            meta = entry.obj["metadata"]
            self.enqueue(key, meta.get("namespace"), meta["name"])

    def _later(self, key: str, place: Waiting, delay: float) -> None:
        """One timer for each object, the earliest: whoever looks then asks again for what is later."""
        timers, loop = self._timers[key], asyncio.get_running_loop()
        due, known = loop.time() + delay, timers.get(place)
        if known is not None and known.when() <= due:
            return
        if known is not None:
            known.cancel()
        timers[place] = loop.call_at(due, self._due, key, place)

    def _due(self, key: str, place: Waiting) -> None:
        self._timers[key].pop(place, None)
        self.enqueue(key, *place)
