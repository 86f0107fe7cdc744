"""Runs the reconcilers: who has to look again when something changes, and a worker for each kind."""

import asyncio
import logging
from collections.abc import Callable

from fairway_sandbox.controllers import (
    claims,
    cron_jobs,
    daemon_sets,
    deployments,
    disruption_budgets,
    endpoints,
    jobs,
    namespaces,
    replica_sets,
    scheduler,
    stateful_sets,
)
from fairway_sandbox.controllers.garbage import Garbage
from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.errors import ApiError
from fairway_sandbox.objects import Json, seconds_since
from fairway_sandbox.store import Event

log = logging.getLogger(__name__)
Reconcile = Callable[[Hub, str | None, str, Json | None], None]
RECONCILERS: dict[str, Reconcile] = {
    "deployments.apps": deployments.reconcile,
    "replicasets.apps": replica_sets.reconcile,
    "statefulsets.apps": stateful_sets.reconcile,
    "daemonsets.apps": daemon_sets.reconcile,
    "jobs.batch": jobs.reconcile,
    "cronjobs.batch": cron_jobs.reconcile,
    "services": endpoints.reconcile,
    "persistentvolumeclaims": claims.reconcile,
    "poddisruptionbudgets.policy": disruption_budgets.reconcile,
    "namespaces": namespaces.reconcile,
    "pods": scheduler.reconcile,
}
BUDGETS = "poddisruptionbudgets.policy"
EVENT_SECONDS = 3600
RETRY = 1.0


class Controllers:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._garbage = Garbage(hub)
        self._kinds = {(k.api_version, k.kind): k.key for k in hub.registry.kinds.by_key.values()}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Follow the store, and look at everything that is there already."""
        for key in RECONCILERS:
            self._hub.follow(key)
            self._tasks.append(asyncio.create_task(self._work(key), name=f"controller {key}"))
        self._tasks.append(asyncio.create_task(self._garbage.run(), name="garbage"))
        self._tasks.append(asyncio.create_task(self._forget_events(), name="old events"))
        for key in self._hub.registry.kinds.by_key:
            for entry in self._hub.store.every(key):
                self._listen(key, Event("ADDED", entry, None))
        self._hub.store.listeners.append(self._listen)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self, key: str) -> None:
        reconcile, done = RECONCILERS[key], 0
        while True:
            namespace, name = await self._hub.next(key)
            try:
                reconcile(self._hub, namespace, name, self._hub.store.object(key, namespace, name))
            except ApiError as error:
                if error.code != 403:
                    self._hub.enqueue(key, namespace, name, 0.05 if error.code == 409 else RETRY)
                if error.code not in (403, 409):
                    log.warning("%s %s/%s: %s", key, namespace, name, error.message)
            except Exception:
                log.exception("%s %s/%s", key, namespace, name)
                self._hub.enqueue(key, namespace, name, RETRY)
            done += 1
            if done % 20 == 0:
                await asyncio.sleep(0)

    def _listen(self, key: str, event: Event) -> None:
        hub, meta = self._hub, event.entry.obj["metadata"]
        namespace = meta.get("namespace")
        hub.know_owners(key, event)
        hub.enqueue(key, namespace, meta["name"])
        for reference in meta.get("ownerReferences") or ():
            owner = self._kinds.get((reference["apiVersion"], reference["kind"]))
            if owner:
                hub.enqueue(owner, namespace, reference["name"])
        self._garbage.listen(key, event)
        if event.type == "DELETED" and namespace:
            hub.enqueue("namespaces", None, namespace)
        if key == "pods":
            self._pod_changed(event, namespace or "")
        elif key == "nodes":
            hub.enqueue_all("daemonsets.apps")
            self._reschedule()

    def _pod_changed(self, event: Event, namespace: str) -> None:
        labels = event.entry.obj["metadata"].get("labels") or {}
        for entry in self._hub.store.every("services", namespace):
            wanted = entry.obj["spec"].get("selector")
            if wanted and all(labels.get(k) == v for k, v in wanted.items()):
                self._hub.enqueue("services", namespace, entry.obj["metadata"]["name"])
        self._hub.enqueue_all(BUDGETS, namespace)
        if event.type == "DELETED":
            for claim in claims.named(event.entry.obj):
                self._hub.enqueue(claims.KEY, namespace, claim)
            self._reschedule()

    def _reschedule(self) -> None:
        for entry in self._hub.store.every("pods"):
            if not entry.obj["spec"].get("nodeName"):
                meta = entry.obj["metadata"]
                self._hub.enqueue("pods", meta["namespace"], meta["name"])

    async def _forget_events(self) -> None:
        while True:
            for entry in self._hub.store.every("events"):
                if (
                    seconds_since(entry.obj.get("lastTimestamp") or entry.obj["metadata"]["creationTimestamp"])
                    > EVENT_SECONDS
                ):
                    meta = entry.obj["metadata"]
                    self._hub.store.remove("events", meta["namespace"], meta["name"])
            await asyncio.sleep(60)
