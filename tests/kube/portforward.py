"""The port-forward of an API server, protocol v4, in front of a function instead of a pod."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from fairway.kube import Cluster
from fairway.kube.transport import Transport
from tests.kube.fake import TOKEN, FakeKubernetes

DATA, ERROR = b"\0", b"\1"
Pod = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def in_front_of(pod: Pod) -> AsyncIterator[Cluster]:
    """A cluster whose only pod that can be forwarded is `p`. Each channel begins with the port's number."""

    async def forward(socket: ServerConnection) -> None:
        assert socket.request is not None
        port = int(parse_qs(urlsplit(socket.request.path).query)["ports"][0])
        for channel in (DATA, ERROR):
            await socket.send(channel + port.to_bytes(2, "little"))
        await pod(socket)

    def admit(socket: ServerConnection, request: Request) -> Response | None:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return socket.respond(HTTPStatus.UNAUTHORIZED, "Unauthorized")
        if "/namespaces/shop-dev/pods/p/portforward?" not in request.path:
            return socket.respond(HTTPStatus.NOT_FOUND, '{"message": "pods \\"q\\" not found"}')
        return None

    async with serve(
        forward, "127.0.0.1", 0, subprotocols=[Subprotocol("v4.channel.k8s.io")], process_request=admit
    ) as server:
        port = server.sockets[0].getsockname()[1]
        cluster = Cluster("far", Transport(FakeKubernetes().kubeconfig(port)))
        yield cluster
        await asyncio.to_thread(cluster.close)


async def echo(socket: ServerConnection) -> None:
    async for frame in socket:
        assert isinstance(frame, bytes) and frame[:1] == DATA
        await socket.send(frame)
