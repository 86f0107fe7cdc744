"""A port of a resource, forwarded: one WebSocket for each TCP connection, its bytes in binary messages.

An empty message says that its sender sends nothing more. What is refused is a problem document in place of the
handshake's answer; what fails later closes with 4000 and the problem's status, and its sentence as the reason.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

import orjson
from litestar import WebSocket, get, websocket
from litestar.datastructures import State
from litestar.exceptions import WebSocketDisconnect
from litestar.params import FromPath, FromQuery

from fairway.api import authentication, problems
from fairway.api.dependencies import AContext, AnActor
from fairway.domain import tunnels
from fairway.domain.context import Context
from fairway.domain.documents import TunnelDocument
from fairway.errors import Invalid, NotSignedIn
from fairway.kube.forwarding import Forward

LOOK_AGAIN = 5.0
LONGEST_REASON = 120
LEFT = (WebSocketDisconnect, OSError)
"""What is raised by sending to a client that is not there any more; of the pod's side only FairwayErrors come."""
Socket = WebSocket[Any, Any, State]


@get("/resources/{ref:str}/tunnel", sync_to_thread=True, tags=["resources"])
def get_tunnel(
    context: AContext,
    actor: AnActor,
    ref: FromPath[str],
    service: FromQuery[str] = "",
    environment: FromQuery[str] = "",
) -> TunnelDocument:
    """Whether the caller may forward its port, and a pod is ready. As a WebSocket, with a bearer token, this path is a
    TCP connection to that pod: its bytes in binary messages, an empty one at the end of a direction."""
    return tunnels.document(context, actor, ref, service, environment)


@websocket("/resources/{ref:str}/tunnel", opt={"exclude_from_auth": True})
async def open_tunnel(
    socket: Socket,
    context: AContext,
    ref: FromPath[str],
    service: FromQuery[str] = "",
    environment: FromQuery[str] = "",
) -> None:
    """Signed in by a bearer token alone: a page of another origin could send a cookie, but no header."""
    accepted = False
    try:
        token = _token(socket)
        actor = await asyncio.to_thread(authentication.by_token, context, token)
        with context.tunnels.one(actor):
            way, end = await asyncio.to_thread(tunnels.begin, context, actor, ref, service, environment)
            cluster = await asyncio.to_thread(context.clusters.get, way.cluster_id)
            far = await cluster.forward(way.namespace, end.pod, end.port)
            try:
                await socket.accept()
                accepted = True
                await _first(_carry(socket, far), _watch(context, token, way.resource_id))
            finally:
                await far.close()
        with suppress(*LEFT):
            await socket.close()
    except Exception as error:
        with suppress(*LEFT):
            await _refuse(socket, error, accepted)


def _token(socket: Socket) -> str:
    authorization = socket.headers.get("authorization", "")
    if not authorization:
        raise NotSignedIn("A tunnel is opened with a token", hint="Send it as `Authorization: Bearer <token>`.")
    return authentication.bearer(authorization)


async def _carry(socket: Socket, far: Forward) -> None:
    """Until both directions have ended, or the client has left."""
    ended = asyncio.Event()
    with suppress(*LEFT):
        await _first(_up(socket, far, ended), _down(socket, far, ended))


async def _up(socket: Socket, far: Forward, ended: asyncio.Event) -> None:
    while (message := await socket.receive())["type"] == "websocket.receive":
        data = message.get("bytes")
        if data is None:
            raise Invalid("A tunnel carries binary messages")
        if data:
            await far.send(data)
        elif not ended.is_set():
            await far.end()
            ended.set()


async def _down(socket: Socket, far: Forward, ended: asyncio.Event) -> None:
    while data := await far.receive():
        await socket.send_bytes(data)
    if far.half_closes:
        await socket.send_bytes(b"")
        await ended.wait()


async def _watch(context: Context, token: str, resource_id: str) -> None:
    """Raises as soon as the caller may not have it any more, or it is destroyed."""
    while True:
        await asyncio.sleep(LOOK_AGAIN)
        await asyncio.to_thread(_look, context, token, resource_id)


def _look(context: Context, token: str, resource_id: str) -> None:
    actor = authentication.by_token(context, token)
    with context.database.read() as session:
        tunnels.permit(session, actor, resource_id)


async def _first(*parts: Awaitable[None]) -> None:
    """Until one of them ends, or fails, as this then does; the others are ended."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _refuse(socket: Socket, error: Exception, accepted: bool) -> None:
    document = problems.describe(socket, error)
    if accepted or "websocket.http.response" not in (socket.scope.get("extensions") or {}):
        reason = document["detail"].encode()[:LONGEST_REASON].decode(errors="ignore")
        await socket.close(4000 + document["status"], reason)
        return
    headers = [(b"content-type", problems.PROBLEM.encode())]
    start: Any = {"type": "websocket.http.response.start", "status": document["status"], "headers": headers}
    body: Any = {"type": "websocket.http.response.body", "body": orjson.dumps(document)}
    await socket.send(start)
    await socket.send(body)
    await asyncio.sleep(0)  # uvicorn logs an error unless it sees the end of the connection first
