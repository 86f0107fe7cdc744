"""A port of this machine that leads to a resource, for as long as somebody wants it, or beside a client program."""

import asyncio
import errno
import os
import signal
import socket
from collections.abc import Mapping, Sequence

import click

from fairway.cli import tunnel
from fairway.cli.client import Client
from fairway.cli.failure import CONFLICT, NOT_FOUND, REFUSED, USAGE, Failure

HERE = "127.0.0.1"


def listen(wanted: int | None, own: int) -> socket.socket:
    """On the wanted port, 0 for any; without one on the resource's own where it is free, else on any. Raises
    Failure."""
    found = _bound(own if wanted is None else wanted)
    if isinstance(found, OSError) and wanted is None:
        found = _bound(0)
    if isinstance(found, OSError):
        raise _explained(wanted or 0, found) from found
    return found


async def serve(listener: socket.socket, client: Client, path: str) -> None:
    """Goes on until it is cancelled; a connection that fails is told. Raises Failure when none can work any more."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    open_now: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await tunnel.carry(reader, writer, client, path)
        except Failure as failure:
            if (final := await _final(failure, client, path)) is None:
                click.echo(f"fairway: {failure.line()}", err=True)
            elif not over.done():
                over.set_exception(final)
        finally:
            writer.close()

    def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = loop.create_task(carry(reader, writer))
        open_now.add(task)
        task.add_done_callback(open_now.discard)

    server = await asyncio.start_server(meet, sock=listener, limit=tunnel.CHUNK)
    try:
        await over
    finally:
        server.close()
        for task in open_now:
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)


async def beside(
    listener: socket.socket, client: Client, path: str, command: Sequence[str], environment: Mapping[str, str]
) -> int:
    """Runs the client program, and forwards until it ends. Its exit code, as a shell tells it. Raises Failure."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, lambda: None)  # the program's own: it cancels a query, say
    serving = asyncio.create_task(serve(listener, client, path))
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    loop.add_signal_handler(signal.SIGTERM, process.terminate)
    ended = asyncio.create_task(process.wait())
    await asyncio.wait([serving, ended], return_when=asyncio.FIRST_COMPLETED)
    if not ended.done():
        process.terminate()
    code = await ended
    serving.cancel()
    await asyncio.wait([serving])
    if not serving.cancelled():
        serving.result()
    return code if code >= 0 else 128 - code


async def _final(failure: Failure, client: Client, path: str) -> Failure | None:
    """Whether it is so for every connection from now on, and not only for one too many."""
    if failure.code in (REFUSED, NOT_FOUND):
        try:
            await asyncio.to_thread(client.get, path)
        except Failure as again:
            return again if again.code in (REFUSED, NOT_FOUND) else None
    return None


def _bound(port: int) -> socket.socket | OSError:
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HERE, port))
        found.listen()
    except OSError as error:
        found.close()
        return error
    return found


def _explained(port: int, error: OSError) -> Failure:
    if error.errno == errno.EADDRINUSE:
        from fairway.cli import ports

        return Failure(
            f"Port {port} is in use by {ports.who(port)}", "Name another one after --forward.", code=CONFLICT
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return Failure(f"Port {port} needs more rights than you have", "Choose one above 1023.", code=USAGE)
    return Failure(f"Cannot listen on {HERE}:{port}: {os.strerror(error.errno or 0)}", code=USAGE)
