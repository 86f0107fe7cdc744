"""Follows the pods that are on a node, keeps a worker for each, and ends them all with the sandbox."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from fairway_sandbox.addresses import Addresses
from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.errors import ApiError, bad_request
from fairway_sandbox.kubelet import logs
from fairway_sandbox.kubelet.nodes import node
from fairway_sandbox.kubelet.pod import Pod
from fairway_sandbox.kubelet.usage import Usage
from fairway_sandbox.objects import Json, dig
from fairway_sandbox.store import Event

CLOSING_GRACE = 10.0


def _has_work(pod: Json) -> bool:
    """Not ended yet, or still to be let go."""
    ended = dig(pod, "status.phase") in ("Succeeded", "Failed")
    return not ended or bool(pod["metadata"].get("deletionTimestamp"))


class Kubelet:
    def __init__(self, hub: Hub, addresses: Addresses, data: Path, api_address: tuple[str, int]) -> None:
        self.hub, self.store, self.addresses, self.data = hub, hub.store, addresses, data
        self.api_address = api_address
        self.pods: dict[str, Pod] = {}
        self.usage = Usage()
        self.closing = False
        self.closing_grace = CLOSING_GRACE
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, nodes: int) -> None:
        """Make the nodes, go on with the pods that ran before, and clear what belongs to none."""
        for number in range(nodes):
            name = f"node-{number + 1}"
            if self.store.object("nodes", None, name) is None:
                self.hub.registry.make("nodes", None, node(name, self.addresses.node(number)))
        for entry in self.store.every("pods"):
            self._listen("pods", Event("ADDED", entry, None))
        folder = self.data / "pods"
        for left in folder.iterdir() if folder.exists() else ():
            if left.name not in self.pods and left.name not in self.store.places:
                shutil.rmtree(left, ignore_errors=True)
        self.store.listeners.append(self._listen)

    def _listen(self, key: str, event: Event) -> None:
        if key != "pods":
            return
        obj = event.entry.obj
        pod = self.pods.get(obj["metadata"]["uid"])
        if event.type == "DELETED":
            if pod:
                pod.obj = obj
                pod.stop(forced=True)
            else:
                shutil.rmtree(self.data / "pods" / obj["metadata"]["uid"], ignore_errors=True)
        elif pod is not None:
            pod.changed(obj)
        elif obj["spec"].get("nodeName") and not self.closing and _has_work(obj):
            self._begin(obj)

    def _begin(self, obj: Json) -> None:
        pod = self.pods[obj["metadata"]["uid"]] = Pod(self, obj)
        pod.changed(obj)
        task = asyncio.create_task(pod.run(), name=f"pod {pod.namespace}/{pod.name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def forget(self, pod: Pod) -> None:
        if self.closing:
            return
        self.pods.pop(pod.uid, None)
        self.usage.forget(pod)
        self.addresses.release(pod.address)
        await pod.clear()

    async def stop(self) -> None:
        """End every process; the objects stay, for the next start."""
        self.closing = True
        for pod in self.pods.values():
            pod.stop()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=CLOSING_GRACE + 5)

    def pod(self, obj: Json) -> Pod | None:
        return self.pods.get(obj["metadata"]["uid"])

    def read_log(self, obj: Json, container: str, query: dict[str, str]) -> AsyncIterator[bytes]:
        """The log of a container's present life, or with `previous` of the one before."""
        name, pod = obj["metadata"]["name"], self.pod(obj)
        one = next((c for c in [*pod.containers, *pod.inits] if c.name == container), None) if pod else None
        wish, folder = logs.Wish.of(query), self.data / "pods" / obj["metadata"]["uid"] / "logs"
        statuses = [*dig(obj, "status.containerStatuses", []), *dig(obj, "status.initContainerStatuses", [])]
        told: Json = next((s for s in statuses if s["name"] == container), {})
        life = one.restarts if one else told.get("restartCount", 0)
        if query.get("previous") in ("true", "1"):
            life -= 1
            if life < 0:
                raise bad_request(f'previous terminated container "{container}" in pod "{name}" not found')
        path = folder / f"{container}-{life}.log"
        if not path.exists():
            state = one.state if one else told.get("state", {})
            why = dig(state, "waiting.reason", "ContainerCreating")
            blocked = {"ErrImagePull": "trying and failing to pull image", "ImagePullBackOff": "image can't be pulled"}
            says = f"is waiting to start: {blocked.get(why, why)}"
            raise ApiError(400, "BadRequest", f'container "{container}" in pod "{name}" {says}')
        return logs.read(path, wish, lambda: one is not None and one.running and one.restarts == life)
