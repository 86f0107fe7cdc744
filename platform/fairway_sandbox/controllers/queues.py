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
            asyncio.get_running_loop().call_later(delay, self.enqueue, key, namespace, name)
        elif (namespace, name) not in self._pending[key]:
            self._pending[key].add((namespace, name))
            self.queues[key].put_nowait((namespace, name))

    def enqueue_all(self, key: str, namespace: str | None = None) -> None:
        for entry in self.store.every(key, namespace):
            meta = entry.obj["metadata"]
            self.enqueue(key, meta.get("namespace"), meta["name"])
