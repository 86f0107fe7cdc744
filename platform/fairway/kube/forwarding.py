"""A connection to a pod's port: straight to its address, or through the API server, by its WebSocket protocol v4."""

import asyncio
import os
from contextlib import suppress
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from fairway.kube import errors, upgrade
from fairway.kube.transport import Transport

PATIENCE = 10.0
SILENCE = 5.0
ALIVE = 20.0
CHUNK = 2**16
LARGEST_FRAME = 2**20
MOST_FRAMES = 8
V4 = Subprotocol("v4.channel.k8s.io")
ERROR = 1
"""Of the two channels of a port; the other one, 0, has the data. Each begins with a frame that names the port."""


class Forward(Protocol):
    """half_closes: whether one direction may end before the other. All raise ClusterUnreachable where it broke."""

    half_closes: bool

    async def receive(self) -> bytes:
        """What the pod says, empty at its end."""

    async def send(self, data: bytes) -> None:
        """Returns when there is room for more."""

    async def end(self) -> None:
        """Nothing more is sent."""

    async def close(self) -> None: ...


class Direct:
    """A TCP connection. where: `pod:port`, for what people read."""

    half_closes = True

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, where: str) -> None:
        self._reader, self._writer, self._where = reader, writer, where

    async def receive(self) -> bytes:
        try:
            return await self._reader.read(CHUNK)
        except OSError as error:
            raise _broken(self._where) from error

    async def send(self, data: bytes) -> None:
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise _broken(self._where) from error

    async def end(self) -> None:
        try:
            self._writer.write_eof()
        except OSError as error:
            raise _broken(self._where) from error

    async def close(self) -> None:
        self._writer.transport.abort()


class Channels:
    """The protocol has no half-close: what ends its side is still answered, until SILENCE seconds bring nothing."""

    half_closes = False

    def __init__(self, socket: ClientConnection, where: str) -> None:
        self._socket, self._where = socket, where
        self._begun: set[int] = set()
        self._received = 0

    async def receive(self) -> bytes:
        while True:
            try:
                frame = await self._socket.recv(decode=False)
            except ConnectionClosedOK:
                return b""
            except ConnectionClosed as error:
                raise _broken(self._where) from error
            self._received += len(frame)
            channel = frame[0] if frame else ERROR
            if channel not in self._begun:
                self._begun.add(channel)
            elif channel == ERROR and len(frame) > 1:
                raise errors.ClusterUnreachable(f"{self._where} does not answer: {_short(frame[1:])}")
            elif len(frame) > 1:
                return bytes(frame[1:])

    async def send(self, data: bytes) -> None:
        """Where it is closed already, `receive` tells why."""
        with suppress(ConnectionClosed):
            await self._socket.send(b"\0" + data)

    async def end(self) -> None:
        seen = -1
        while seen != self._received:
            seen = self._received
            await asyncio.sleep(SILENCE)
        await self.close()

    async def close(self) -> None:
        await self._socket.close()


async def direct(address: str, port: int, where: str) -> Direct:
    """Raises ClusterUnreachable."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(address, port)
    except (OSError, TimeoutError) as error:
        raise errors.ClusterUnreachable(f"{where} does not answer: {_why(error)}") from error
    return Direct(reader, writer, where)


async def through(transport: Transport, path: str, port: int, where: str) -> Channels:
    """path: of the pod's portforward. Raises what the API server says, or ClusterUnreachable."""
    way = await asyncio.to_thread(upgrade.prepared, transport, f"{path}?ports={port}")
    try:
        socket = await connect(
            way.url,
            ssl=way.security,
            server_hostname=way.server_name,
            proxy=way.proxy,
            additional_headers={"Authorization": way.authorization} if way.authorization else None,
            user_agent_header="fairway",
            subprotocols=[V4],
            compression=None,
            open_timeout=PATIENCE,
            close_timeout=1,
            ping_interval=ALIVE,
            ping_timeout=None,  # an answer waits behind data that nobody reads yet
            max_size=LARGEST_FRAME,
            max_queue=MOST_FRAMES,
        )
    except InvalidStatus as error:
        raise errors.of(error.response.status_code, bytes(error.response.body or b"")) from error
    except (OSError, TimeoutError, InvalidHandshake) as error:
        raise errors.ClusterUnreachable(f"{where} cannot be forwarded: {_why(error)}") from error
    return Channels(socket, where)


def _broken(where: str) -> errors.ClusterUnreachable:
    return errors.ClusterUnreachable(f"The connection to {where} broke off")


def _why(error: BaseException) -> str:
    number = getattr(error, "errno", None)
    return os.strerror(number) if number else str(error or "no answer in time")[:200]


def _short(told: bytes) -> str:
    """Kubernetes tells a long story whose end is the reason."""
    return told.decode(errors="replace").strip().rpartition(": ")[2][:200]
