"""The way to a Service: a listener on its address for each port, passed on to its ready pods in turn."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from fairway_sandbox.objects import Json
from fairway_sandbox.store import Event, Store

log = logging.getLogger(__name__)
Target = tuple[str, int]
Lets = Callable[[Target, Target, Target], Awaitable[bool]]
"""Whether a caller may have a connection: its own end, the Service's, and the pod's that it would go to."""
CONNECT_SECONDS = 1.0
BACKLOG = 512


class Pipe(asyncio.Protocol):
    """One side of a connection; what it receives its peer sends."""

    def __init__(self, listener: "Listener | None" = None) -> None:
        self.peer: Pipe | None = None
        self.transport: asyncio.Transport | None = None
        self._listener = listener
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self._listener is not None:
            transport.pause_reading()
            self._listener.accept(self)

    def join(self, peer: "Pipe") -> None:
        self.peer = peer
        for chunk in self._early:
            peer.write(chunk)
        self._early.clear()

    def write(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        if self.peer is None:
            self._early.append(data)
        else:
            self.peer.write(data)

    def eof_received(self) -> bool:
        if self.peer and self.peer.transport and self.peer.transport.can_write_eof():
            self.peer.transport.write_eof()
        return True

    def connection_lost(self, error: Exception | None) -> None:
        if self.peer is not None and self.peer.transport is not None:
            if error:
                self.peer.transport.abort()
            else:
                self.peer.transport.close()

    def pause_writing(self) -> None:
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.resume_reading()


class Listener:
    """One address and port; the targets change under it, connections that exist go on."""

    def __init__(self, owner: tuple[str, str], lets: Lets) -> None:
        self.owner, self._lets = owner, lets
        self.targets: list[Target] = []
        self._turn = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, place: Target) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: Pipe(self), *place, backlog=BACKLOG)
        except OSError as error:
            log.warning("service %s/%s: %s", *self.owner, error)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    def accept(self, front: Pipe) -> None:
        task = asyncio.create_task(self._connect(front))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, front: Pipe) -> None:
        assert front.transport is not None
        loop = asyncio.get_running_loop()
        caller, here = (front.transport.get_extra_info(name) for name in ("peername", "sockname"))
        for _ in range(len(self.targets)):
            self._turn += 1
            target = self.targets[self._turn % len(self.targets)]
            if not caller or not await self._lets(caller, here, target):
                break
            back = Pipe()
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await loop.create_connection(lambda pipe=back: pipe, *target)  # type: ignore[misc]
            except (OSError, TimeoutError):
                continue
            back.join(front)
            front.join(back)
            if front.transport.is_closing():
                assert back.transport is not None
                back.transport.close()
            else:
                front.transport.resume_reading()
            return
        front.transport.abort()


class Services:
    def __init__(self, store: Store, lets: Lets) -> None:
        self._store, self._lets = store, lets
        self._listeners: dict[Target, Listener] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._store.listeners.append(self._listen)
        for entry in self._store.every("services"):
            self._sync(entry.obj["metadata"]["namespace"], entry.obj["metadata"]["name"])

    def stop(self) -> None:
        for listener in self._listeners.values():
            listener.close()

    def _listen(self, key: str, event: Event) -> None:
        if key in ("services", "endpoints"):
            meta = event.entry.obj["metadata"]
            self._sync(meta["namespace"], meta["name"])

    def _sync(self, namespace: str, name: str) -> None:
        service = self._store.object("services", namespace, name)
        wanted = _targets(service, self._store.object("endpoints", namespace, name)) if service else {}
        for place in [p for p, one in self._listeners.items() if one.owner == (namespace, name) and p not in wanted]:
            self._listeners.pop(place).close()
        for place, targets in wanted.items():
            if place not in self._listeners:
                listener = self._listeners[place] = Listener((namespace, name), self._lets)
                task = asyncio.create_task(listener.open(place))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            self._listeners[place].targets = targets


def _targets(service: Json, endpoints: Json | None) -> dict[Target, list[Target]]:
    """The ready pods behind each of the service's places."""
    address, found = service["spec"].get("clusterIP"), {}
    if address in (None, "", "None"):
        return {}
    for port in service["spec"].get("ports") or []:
        if port.get("protocol", "TCP") != "TCP":
            continue
        targets = []
        for subset in (endpoints or {}).get("subsets") or []:
            named = [p["port"] for p in subset.get("ports") or [] if p.get("name", "") == port.get("name", "")]
            targets += [(a["ip"], named[0]) for a in subset.get("addresses") or [] if named]
        found[(address, int(port["port"]))] = targets
        if port.get("nodePort"):
            found[("127.0.0.1", int(port["nodePort"]))] = targets
    return found
