"""The prober, a process of its own: `python -m fairway_chaos.prober`, so that nobody else's pauses become outages.

It reads one line of JSON from its input, `{probe: {...}, cadence}`, then writes a line for each slot of its grid,
`[scheduled, sent, latency, answer]`, until its input ends. The grid never waits for an answer, so that a slow one hides
nothing (no coordinated omission).
"""

import asyncio
import contextlib
import json
import ssl
import sys
import time
from typing import Any
from urllib.parse import urlsplit

from fairway_chaos.samples import CADENCE, Answer

LATE = 1.0
"""A slot that is reached later than so many cadences was not sent."""


async def run(document: dict[str, Any]) -> None:
    probe, cadence = document["probe"], float(document.get("cadence", CADENCE))
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.run_in_executor(None, _wait_for_the_end, loop, over)
    waiting: set[asyncio.Task[None]] = set()
    start, slot = time.monotonic(), 0
    while not over.is_set():
        scheduled = start + slot * cadence
        late = time.monotonic() - scheduled
        if late < 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), -late)
            continue
        slot += 1
        if late > LATE * cadence:
            _say(scheduled, scheduled, 0.0, Answer.NOT_SENT)
            continue
        task = asyncio.create_task(_probe(scheduled, probe))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
    if waiting:
        await asyncio.wait(waiting)


def _wait_for_the_end(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    sys.stdin.read()
    loop.call_soon_threadsafe(over.set)


async def _probe(scheduled: float, probe: dict[str, Any]) -> None:
    sent = time.monotonic()
    try:
        async with asyncio.timeout_at(scheduled + float(probe["timeout"])):
            answer = await (_http(probe) if probe["kind"] == "http" else _tcp(probe))
    except OSError as error:
        answer = classify(error)
    except ValueError:
        answer = Answer.STATUS  # it answered, but no HTTP
    _say(scheduled, sent, time.monotonic() - scheduled, answer)


def classify(error: OSError) -> Answer:
    """What an error of the network is called."""
    name = type(error).__name__
    if isinstance(error, TimeoutError):
        return Answer.TIMEOUT
    if isinstance(error, ssl.SSLError):
        return Answer.TLS
    if isinstance(error, ConnectionResetError | BrokenPipeError | ConnectionAbortedError):
        return Answer.RESET
    return Answer.DNS if name == "gaierror" else Answer.REFUSED


async def _http(probe: dict[str, Any]) -> Answer:
    url = urlsplit(probe["address"])
    secure = url.scheme == "https"
    port = url.port or (443 if secure else 80)
    context = ssl.create_default_context() if secure else None
    reader, writer = await asyncio.open_connection(url.hostname, port, ssl=context)
    try:
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        head = f"GET {path} HTTP/1.1\r\nHost: {url.netloc}\r\nUser-Agent: fairway-prober\r\nConnection: close\r\n\r\n"
        writer.write(head.encode())
        line = await reader.readline()
        if not line:
            return Answer.RESET
        status = int(line.split()[1]) if line.startswith(b"HTTP/") else 0
        while await reader.read(65536):
            pass
    finally:
        writer.close()
    low, high = probe["status"]
    return Answer.OK if low <= status <= high else Answer.STATUS


async def _tcp(probe: dict[str, Any]) -> Answer:
    host, _, port = probe["address"].rpartition(":")
    reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    try:
        if probe["send"]:
            writer.write(probe["send"].encode("latin-1"))
        if not probe["expect"]:
            return Answer.OK
        found = await reader.read(64)
    finally:
        writer.close()
    if not found:
        return Answer.RESET
    good = any(found.startswith(start.encode("latin-1")) for start in probe["expect"])
    return Answer.OK if good else Answer.STATUS


def _say(scheduled: float, sent: float, latency: float, answer: Answer) -> None:
    sys.stdout.write(json.dumps([round(scheduled, 6), round(sent, 6), round(latency, 6), answer]) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(run(json.loads(sys.stdin.readline())))
