"""The whole cluster: what it is made of, how it starts, goes on and ends."""

import asyncio
import fcntl
import socket
import time
from pathlib import Path
from typing import IO

from fairway_sandbox import addresses, certificates, leftovers
from fairway_sandbox.api.app import App
from fairway_sandbox.api.rooms import Rooms
from fairway_sandbox.controllers.controllers import Controllers
from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.gate import Gate
from fairway_sandbox.kinds import Kinds
from fairway_sandbox.kubelet.kubelet import Kubelet
from fairway_sandbox.objects import Json
from fairway_sandbox.policies import Policies
from fairway_sandbox.registry import Registry
from fairway_sandbox.schema import Schema
from fairway_sandbox.services import Services
from fairway_sandbox.store import Event, Store
from fairway_sandbox.store.disk import Disk

NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
STORAGE: Json = {
    "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    "provisioner": "sandbox.fairway.dev/directory",
    "reclaimPolicy": "Delete",
    "volumeBindingMode": "Immediate",
}


PREDECESSOR = 15.0


class InUse(Exception):
    """Another sandbox runs on this data directory."""


class Cluster:
    def __init__(self, data: Path, port: int) -> None:
        """Takes the data directory and its addresses; raises InUse or addresses.Taken where another has them."""
        self._lock = _lock(data)
        leftovers.end(str(data))
        self.keys = certificates.keep(data)
        self._addresses, self._holder = addresses.claim(data)
        self._disk, store, kinds = Disk(data / "objects.db"), Store(), Kinds()
        for kind in kinds.stored.values():
            store.add_kind(kind)
        registry = Registry(store, kinds, Schema(set(kinds.by_name)), self._addresses)
        self._registry, self._store = registry, store
        self._load()
        hub = Hub(registry, data)
        self._controllers = Controllers(hub)
        self._kubelet = Kubelet(hub, self._addresses, data, ("127.0.0.1", port))
        self._services = Services(store, Gate(Policies(store), self._kubelet).lets)
        self._rooms = Rooms(registry, self._kubelet, self._disk)
        self.app = App(self._rooms, self.keys.token)

    def _load(self) -> None:
        """Everything that was kept; custom kinds first, since others may be of them."""
        found = sorted(self._disk.objects(), key=lambda o: not o[0].startswith("customresourcedefinitions"))
        for key, obj in found:
            if obj["kind"] == "CustomResourceDefinition":
                self._registry.define(obj)
            self._store.load(key, obj)
            if obj["kind"] == "Service" and obj["spec"].get("clusterIP") not in (None, "None"):
                self._addresses.keep(obj["spec"]["clusterIP"])
        self._store.begin_at(self._disk.version())

    def start(self, nodes: int) -> None:
        self._store.listeners += [self._disk.listen, self._free_address]
        self._controllers.start()
        for name in NAMESPACES:
            if self._store.object("namespaces", None, name) is None:
                self._registry.make("namespaces", None, {"metadata": {"name": name}})
        if self._store.object("storageclasses.storage.k8s.io", None, "standard") is None:
            self._registry.make("storageclasses.storage.k8s.io", None, {**STORAGE, "metadata": {**STORAGE["metadata"]}})
        self._kubelet.start(nodes)
        self._services.start()

    def _free_address(self, key: str, event: Event) -> None:
        if key == "services" and event.type == "DELETED":
            self._addresses.release(event.entry.obj["spec"].get("clusterIP") or "")

    def close_streams(self) -> None:
        """Ends watches and followed logs, so that the server can stop."""
        self._rooms.closing.set()

    async def stop(self) -> None:
        """Ends every process; the objects are kept for the next start."""
        await self._kubelet.stop()
        await self._controllers.stop()
        self._services.stop()
        self._disk.close()
        self._holder.close()
        self._lock.close()
        await asyncio.sleep(0)


def _lock(data: Path) -> IO[str]:
    """One that was told to end a moment ago is waited for: its pods have their grace."""
    file, until = (data / "lock").open("w"), time.monotonic() + PREDECESSOR
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except OSError as error:
            if time.monotonic() > until:
                file.close()
                raise InUse(f"a sandbox already runs on {data}") from error
            time.sleep(0.1)


def listen(port: int, remembered: Path) -> socket.socket:
    """The server's socket; for port 0 the one of the last start where it is free, so that kubeconfigs stay true."""
    wanted = [port]
    if port == 0 and remembered.exists():
        wanted.insert(0, int(remembered.read_text()))
    for number in wanted:
        # asyncio turns Nagle off only where it sees the protocol; with it each answer takes 40 ms.
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", number))
        except OSError:
            server.close()
            continue
        remembered.write_text(str(server.getsockname()[1]))
        return server
    raise InUse(f"port {port} on 127.0.0.1 is in use")
