"""`python -m fairway_sandbox --data-dir D --kubeconfig FILE [--port N]`: prints `ready` once it is."""

import argparse
import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from fairway_sandbox import certificates
from fairway_sandbox.addresses import Taken
from fairway_sandbox.cluster import Cluster, InUse, listen
from fairway_sandbox.kubeconfig import kubeconfig

PR_SET_PDEATHSIG = 1


class Server(uvicorn.Server):
    """Leaves signals to us: pods end before the process does. Idle, it wakes once a second instead of ten times."""

    def __init__(self, config: uvicorn.Config, ended: asyncio.Event) -> None:
        super().__init__(config)
        self._ended = ended

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), 1)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run(data: Path, target: Path, port: int, nodes: int) -> None:
    socket = listen(port, data / "port")
    port = socket.getsockname()[1]
    cluster = Cluster(data, port)
    cluster.start(nodes)
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    server = Server(
        uvicorn.Config(
            cluster.app,
            ssl_certfile=cluster.keys.certificate,
            ssl_keyfile=cluster.keys.key,
            ws="websockets-sansio",
            ws_ping_timeout=None,  # an answer waits behind data that nobody reads yet
            http="h11",
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
            h11_max_incomplete_event_size=2**20,
        ),
        ended,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    serving = asyncio.create_task(server.serve(sockets=[socket]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    target.parent.mkdir(parents=True, exist_ok=True)
    certificates.write_private(target, kubeconfig(f"https://127.0.0.1:{port}", cluster.keys))
    print("ready", flush=True)
    ending = asyncio.create_task(ended.wait())
    await asyncio.wait([ending, serving], return_when=asyncio.FIRST_COMPLETED)
    cluster.close_streams()
    server.should_exit = True
    ended.set()
    await serving
    await cluster.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="fairway_sandbox", description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True, help="where objects, volumes and logs are kept")
    parser.add_argument("--kubeconfig", type=Path, required=True, help="the kubeconfig to write")
    parser.add_argument("--port", type=int, default=0, help="the API's port on 127.0.0.1; 0 chooses one and keeps it")
    parser.add_argument("--nodes", type=int, default=3, help="how many virtual nodes a new cluster has")
    parser.add_argument("--follow-parent", action="store_true", help="end when the process that started it has ended")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if options.follow_parent and sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    data = options.data_dir.resolve()
    data.mkdir(parents=True, exist_ok=True)
    os.chmod(data, 0o700)
    try:
        asyncio.run(run(data, options.kubeconfig, options.port, options.nodes))
    except (InUse, Taken) as error:
        sys.exit(f"fairway_sandbox: {error}")


if __name__ == "__main__":
    main()
