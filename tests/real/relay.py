"""Joins two networks: `python -m tests.real.relay FROM TO`, each `tcp:HOST:PORT` or `unix:PATH`.

It prints where it listens. A Unix socket is a file, whichever network a process has: one relay in each, with a socket
between them, lead from one network to an address of the other.
"""

import asyncio
import contextlib
import sys

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def main() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(*sys.argv[1:]))


async def serve(source: str, target: str) -> None:
    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, further = await dial(target)
        await asyncio.gather(copy(reader, further), copy(there, writer))

    kind, _, place = source.partition(":")
    if kind == "unix":
        server = await asyncio.start_unix_server(meet, place)
    else:
        host, _, port = place.rpartition(":")
        server = await asyncio.start_server(meet, host, int(port))
        place = "{}:{}".format(*server.sockets[0].getsockname()[:2])
    print(place, flush=True)
    await server.serve_forever()


async def dial(target: str) -> Connection:
    kind, _, place = target.partition(":")
    if kind == "unix":
        return await asyncio.open_unix_connection(place)
    host, _, port = place.rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until its end, which it passes on; a break is an end too."""
    with contextlib.suppress(OSError):
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        writer.write_eof()
    await asyncio.sleep(0)
    if reader.exception() is not None:
        writer.close()


if __name__ == "__main__":
    main()
