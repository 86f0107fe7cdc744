"""One connection through the server to a resource: a WebSocket, whose bytes are those of a local TCP connection."""

import asyncio
import json
import os

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from fairway.cli.client import UNAUTHORIZED, Client
from fairway.cli.failure import UNREACHABLE, Failure, from_problem

PATIENCE = 30.0
ALIVE = 20.0
CHUNK = 2**16
LARGEST_MESSAGE = 2**20
MOST_MESSAGES = 8


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, client: Client, path: str) -> None:
    """Until either end has gone, or both have said all that they had to. Raises Failure."""
    socket = await _dial(client, path)
    up = asyncio.create_task(_up(reader, socket))
    try:
        await _down(socket, writer)
    except ConnectionClosed as error:
        raise _broken(error) from error
    except ConnectionError:
        return  # the local program has left
    finally:
        up.cancel()
        await asyncio.gather(up, return_exceptions=True)
        await socket.close()


async def _up(reader: asyncio.StreamReader, socket: ClientConnection) -> None:
    """An empty message says that nothing more comes."""
    try:
        while data := await reader.read(CHUNK):
            await socket.send(data)
        await socket.send(b"")
    except ConnectionError:
        await socket.close()


async def _down(socket: ClientConnection, writer: asyncio.StreamWriter) -> None:
    async for data in socket:
        if not data:
            writer.write_eof()
        elif isinstance(data, bytes):
            writer.write(data)
            await writer.drain()


async def _dial(client: Client, path: str) -> ClientConnection:
    token = client.token
    try:
        return await _dial_as(client, token, path)
    except Failure as failure:
        if failure.status != UNAUTHORIZED or not client.renew(token):
            raise
        return await _dial_as(client, client.token, path)


async def _dial_as(client: Client, token: str, path: str) -> ClientConnection:
    try:
        return await connect(
            f"{client.url.replace('http', 'ws', 1)}/api/v1{path}",
            additional_headers={"Authorization": f"Bearer {token}"},
            user_agent_header="fairway-cli",
            compression=None,
            proxy=None,
            open_timeout=PATIENCE,
            close_timeout=1,
            ping_interval=ALIVE,
            ping_timeout=None,  # an answer waits behind data that nobody reads yet
            max_size=LARGEST_MESSAGE,
            max_queue=MOST_MESSAGES,
        )
    except InvalidStatus as error:
        raise _refused(client, error.response.status_code, bytes(error.response.body or b"")) from error
    except OSError as error:  # of asyncio, with a text of its own
        raise client.unreachable(OSError(error.errno, os.strerror(error.errno)) if error.errno else error) from error
    except InvalidHandshake as error:
        raise client.unreachable(error) from error


def _refused(client: Client, status: int, body: bytes) -> Failure:
    try:
        return from_problem(status, json.loads(body))
    except (ValueError, AttributeError):
        return Failure(
            f"{client.url} opens no WebSocket (it answered {status})",
            "What is in front of the server must pass the header Upgrade on.",
            code=UNREACHABLE,
            status=status,
        )


def _broken(error: ConnectionClosed) -> Failure:
    """The server closes with 4000 and the status of a problem."""
    code, reason = (error.rcvd.code, error.rcvd.reason) if error.rcvd else (0, "")
    if code >= 4000:
        return from_problem(code - 4000, {"detail": reason})
    return Failure("The server ended a forwarded connection", code=UNREACHABLE)
