"""portforward over WebSockets: two channels a port, data and errors."""

import asyncio
import struct
from urllib.parse import parse_qs

from fairway_sandbox.api.execution import pod_of
from fairway_sandbox.api.request import Request
from fairway_sandbox.api.rooms import Rooms
from fairway_sandbox.errors import bad_request

PROTOCOLS = ("v4.channel.k8s.io", "v5.channel.k8s.io", "portforward.k8s.io")


async def forward(rooms: Rooms, request: Request, namespace: str, name: str) -> None:
    pod = pod_of(rooms, namespace, name)
    query = parse_qs(request.scope["query_string"].decode())
    texts = [text for value in query.get("ports", []) for text in value.split(",")]
    if not texts or not all(t.isdigit() for t in texts):
        raise bad_request('query parameter "ports" is required: numbers, separated by commas')
    offered = request.scope.get("subprotocols") or []
    if offered and not any(p in PROTOCOLS for p in offered):
        raise bad_request(f"unable to negotiate a protocol: served are {', '.join(PROTOCOLS)}")
    chosen = next((p for p in PROTOCOLS if p in offered), None)
    await request.send({"type": "websocket.accept", "subprotocol": chosen})
    await Tunnel(request, pod.address, [int(t) for t in texts]).run()


class Tunnel:
    def __init__(self, request: Request, address: str, ports: list[int]) -> None:
        self._request, self._address, self._ports = request, address, ports
        self._writers: list[asyncio.StreamWriter | None] = []

    async def run(self) -> None:
        for at, port in enumerate(self._ports):
            for channel in (2 * at, 2 * at + 1):
                await self._out(channel, struct.pack("<H", port))
        pumps = [pump for at, port in enumerate(self._ports) if (pump := await self._open(at, port))]
        listening = asyncio.create_task(self._listen())
        try:
            await asyncio.wait([listening, *pumps], return_when=asyncio.FIRST_COMPLETED)
            if not listening.done():
                await self._request.send({"type": "websocket.close", "code": 1000})
        finally:
            for task in (listening, *pumps):
                task.cancel()
            for writer in self._writers:
                if writer is not None:
                    writer.close()

    async def _open(self, at: int, port: int) -> "asyncio.Task[None] | None":
        try:
            reader, writer = await asyncio.open_connection(self._address, port)
        except OSError as error:
            self._writers.append(None)
            await self._out(2 * at + 1, str(error).encode())
            return None
        self._writers.append(writer)
        return asyncio.create_task(self._pump(at, reader))

    async def _pump(self, at: int, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(2**16):
            await self._out(2 * at, data)

    async def _listen(self) -> None:
        while True:
            message = await self._request.receive()
            if message["type"] == "websocket.disconnect":
                return
            data = message.get("bytes") or b""
            if len(data) > 1 and data[0] % 2 == 0 and data[0] // 2 < len(self._writers):
                writer = self._writers[data[0] // 2]
                if writer is not None:
                    writer.write(data[1:])
                    await writer.drain()

    async def _out(self, channel: int, data: bytes) -> None:
        await self._request.send({"type": "websocket.send", "bytes": bytes([channel]) + data})
