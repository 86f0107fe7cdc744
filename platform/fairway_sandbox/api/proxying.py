"""The API's proxy to pods and services: one HTTP request passed on, its answer streamed back."""

import asyncio
from urllib.parse import quote

import h11

from fairway_sandbox.api.request import Request
from fairway_sandbox.api.rooms import Rooms
from fairway_sandbox.errors import ApiError, bad_request
from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json, dig

HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
OURS = {*HOP, "authorization", "host", "content-length"}
CONNECT_SECONDS = 5.0


async def answer(rooms: Rooms, request: Request, kind: Kind, namespace: str, name: str, rest: list[str]) -> None:
    parts = name.split(":")
    if len(parts) == 3:
        parts = parts[1:]
    port = parts[1] if len(parts) == 2 else ""
    obj = rooms.registry.live(kind, namespace, parts[0]).obj
    place = _pod(obj, port) if kind.kind == "Pod" else _service(rooms, obj, port)
    path = "/" + "/".join(quote(p) for p in rest) + ("/" if rest and request.raw_path.endswith("/") else "")
    query = request.scope["query_string"].decode()
    await _pass_on(request, *place, f"{path}?{query}" if query else path)


def _pod(pod: Json, port: str) -> tuple[str, int]:
    address = dig(pod, "status.podIP")
    if not address:
        raise bad_request(f"address not allowed: pod {pod['metadata']['name']} has none yet")
    ports = [p for c in pod["spec"]["containers"] for p in c.get("ports") or []]
    if port.isdigit():
        return address, int(port)
    named = next((p["containerPort"] for p in ports if not port or p.get("name") == port), 80)
    return address, int(named)


def _service(rooms: Rooms, service: Json, port: str) -> tuple[str, int]:
    meta, ports = service["metadata"], service["spec"].get("ports") or []
    wanted = next((p for p in ports if port in ("", str(p["port"]), p.get("name"))), None)
    found = rooms.store.object("endpoints", meta["namespace"], meta["name"]) or {}
    for subset in found.get("subsets") or []:
        for target in subset.get("ports") or []:
            if wanted and target.get("name", "") == wanted.get("name", "") and subset.get("addresses"):
                return subset["addresses"][0]["ip"], int(target["port"])
    raise ApiError(503, "ServiceUnavailable", f'no endpoints available for service "{meta["name"]}"')


async def _pass_on(request: Request, host: str, port: int, target: str) -> None:
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        message = f"error trying to reach service: dial tcp {host}:{port}: {error}"
        raise ApiError(503, "ServiceUnavailable", message) from error
    connection = h11.Connection(h11.CLIENT)
    headers = [(k, v) for k, v in request.headers.items() if k not in OURS]
    headers += [("host", f"{host}:{port}"), ("connection", "close"), ("content-length", str(len(request.content)))]
    try:
        asked = h11.Request(method=request.method, target=target, headers=headers)
        writer.write(connection.send(asked) or b"")
        if request.content:
            writer.write(connection.send(h11.Data(data=request.content)) or b"")
        writer.write(connection.send(h11.EndOfMessage()) or b"")
        await writer.drain()
        await _return(request, connection, reader)
    except (OSError, h11.ProtocolError) as error:
        raise ApiError(502, "BadGateway", f"error trying to reach service: {error}") from error
    finally:
        writer.close()


async def _return(request: Request, connection: h11.Connection, reader: asyncio.StreamReader) -> None:
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(2**16))
        elif isinstance(event, h11.Response):
            kept = [(k, v) for k, v in event.headers if k.decode() not in HOP]
            start = {"type": "http.response.start", "status": event.status_code, "headers": kept}
            await request.send(start)
        elif isinstance(event, h11.Data):
            await request.push(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            await request.end()
            return
        elif isinstance(event, h11.ConnectionClosed):
            raise h11.RemoteProtocolError("the connection was closed before an answer")
