"""exec over WebSockets: v4 and v5 of channel.k8s.io, with or without a terminal."""

import asyncio
import contextlib
import fcntl
import os
import signal
import struct
import termios
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import orjson

from fairway_sandbox.api.request import Request
from fairway_sandbox.api.rooms import Rooms
from fairway_sandbox.errors import ApiError, bad_request, not_found
from fairway_sandbox.kubelet.container import Container
from fairway_sandbox.kubelet.paths import rewritten
from fairway_sandbox.kubelet.pod import Pod
from fairway_sandbox.objects import Json
from fairway_sandbox.recipes import recipe

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
Out = Callable[[int, bytes], Awaitable[None]]


def pod_of(rooms: Rooms, namespace: str, name: str) -> Pod:
    obj = rooms.store.object("pods", namespace, name)
    if obj is None:
        raise not_found(rooms.kinds.by_key["pods"], name)
    pod = rooms.kubelet.pod(obj)
    if pod is None:
        raise bad_request(f"pod {name} does not run")
    return pod


async def execute(rooms: Rooms, request: Request, namespace: str, name: str) -> None:
    query = parse_qs(request.scope["query_string"].decode(), keep_blank_values=True)
    pod, command = pod_of(rooms, namespace, name), query.get("command") or []
    wanted = request.query.get("container") or pod.containers[0].name
    container = next((c for c in pod.containers if c.name == wanted), None)
    if container is None or not container.running:
        raise ApiError(400, "BadRequest", f'container not found ("{wanted}")')
    if not command:
        raise bad_request("you must specify at least 1 command for the container")
    offered = request.scope.get("subprotocols") or []
    chosen = next((p for p in PROTOCOLS if p in offered), None)
    await request.send({"type": "websocket.accept", "subprotocol": chosen})

    async def out(channel: int, data: bytes) -> None:
        await request.send({"type": "websocket.send", "bytes": bytes([channel]) + data})

    true = ("true", "1")
    run = _with_terminal if request.query.get("tty") in true else _with_pipes
    code = await run(request, container, command, out, request.query.get("stdin") in true)
    await out(ERROR, orjson.dumps(_ending(code)))
    await request.send({"type": "websocket.close", "code": 1000})


def _ending(code: int) -> Json:
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    exit_code = 128 - code if code < 0 else code
    message = f"command terminated with non-zero exit code: exit status {exit_code}"
    causes = [{"reason": "ExitCode", "message": str(exit_code)}]
    told = {"metadata": {}, "status": "Failure", "message": message, "reason": "NonZeroExitCode"}
    return {**told, "details": {"causes": causes}}


async def _start(container: Container, command: list[str], environment: dict[str, str], **streams: Any) -> Process:
    words = [rewritten(w, container.mounts, container.address) for w in command]
    return await asyncio.create_subprocess_exec(
        *recipe.run(*words), env=environment, cwd=container.folder, start_new_session=True, **streams
    )


async def _with_pipes(request: Request, container: Container, command: list[str], out: Out, stdin: bool) -> int:
    streams = {"stdin": PIPE if stdin else DEVNULL, "stdout": PIPE, "stderr": PIPE}
    process = await _start(container, command, container.environment, **streams)

    async def pump(reader: asyncio.StreamReader | None, channel: int) -> None:
        while reader is not None and (data := await reader.read(2**16)):
            await out(channel, data)

    async def feed(channel: int, data: bytes) -> None:
        if process.stdin is None:
            return
        if channel == STDIN:
            process.stdin.write(data)
            with contextlib.suppress(ConnectionError):
                await process.stdin.drain()
        elif channel == CLOSE and data[:1] == b"\0":
            process.stdin.close()

    listening = asyncio.create_task(_listen(request, process, feed))
    try:
        await asyncio.gather(pump(process.stdout, STDOUT), pump(process.stderr, STDERR))
        return await process.wait()
    finally:
        listening.cancel()


async def _with_terminal(request: Request, container: Container, command: list[str], out: Out, stdin: bool) -> int:
    ours, theirs = os.openpty()
    environment = {**container.environment, "TERM": "xterm"}
    process = await _start(container, command, environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.set_blocking(ours, False)

    async def feed(channel: int, data: bytes) -> None:
        if channel == STDIN and stdin:
            os.write(ours, data)
        elif channel == RESIZE:
            size = orjson.loads(data)
            fcntl.ioctl(
                ours, termios.TIOCSWINSZ, struct.pack("HHHH", size.get("Height", 24), size.get("Width", 80), 0, 0)
            )

    listening = asyncio.create_task(_listen(request, process, feed))
    try:
        while data := await _read_terminal(ours):
            await out(STDOUT, data)
        return await process.wait()
    finally:
        listening.cancel()
        os.close(ours)


async def _read_terminal(terminal: int) -> bytes:
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not readable.done():
            readable.set_result(None)

    loop.add_reader(terminal, wake)
    try:
        await readable
        return os.read(terminal, 2**16)
    except OSError:
        return b""
    finally:
        loop.remove_reader(terminal)


async def _listen(request: Request, process: Process, feed: Out) -> None:
    while True:
        message = await request.receive()
        if message["type"] == "websocket.disconnect":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGHUP)
            return
        data = message.get("bytes") or (message.get("text") or "").encode()
        if len(data) > 1:
            await feed(data[0], data[1:])
