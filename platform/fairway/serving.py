"""The server process: everything that `fairway.asgi` needs around it, started in order and ended in reverse.

`python -m fairway.serving` reads its settings from the environment, says `ready` on standard output once it answers,
and ends on SIGTERM or SIGINT. FAIRWAY_SANDBOX_KUBECONFIG names the embedded cluster's kubeconfig.
"""

import asyncio
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

import uvicorn
from litestar import Litestar

import fairway_catalog
from fairway.asgi import create_app
from fairway.db.crypto import kept_secret, load_vault
from fairway.db.database import NoDatabase, one_at_a_time
from fairway.db.migrate import open_migrated
from fairway.domain import events, firsts, people, tokens
from fairway.domain.context import Context
from fairway.health import Collector
from fairway.kube import Watching, register
from fairway.settings import BadSetting, Settings, load
from fairway.work import Worker
from fairway.work.trials import Trials
from fairway_catalog import BadOffering, Catalog
from fairway_stacks.choice import choose
from fairway_stacks.port import EngineError
from fairway_stacks.running import finding
from fairway_ui import pages

TOKEN_NAME = "this machine"
GRACE = 5
LARGEST_MESSAGE = 2**20
TICK = 1.0


class Bells:
    """Wake-ups go to workers that are made after the context that rings them."""

    def __init__(self) -> None:
        self.run: Callable[[str], None] = lambda identity: None
        self.preview: Callable[[str], None] = lambda identity: None
        self.trial: Callable[[str], None] = lambda identity: None


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises it once more when it has ended
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        settings = load()
        logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
        logging.getLogger("httpx").setLevel(logging.WARNING)
        with running(settings, _sandbox_kubeconfig()) as app:
            serve(app, settings)
    except (BadSetting, BadOffering, EngineError, NoDatabase) as error:
        sys.exit(f"fairway: {error}")


@contextmanager
def running(settings: Settings, sandbox_kubeconfig: Path | None = None) -> Iterator[Litestar]:
    """The application with its workers and collectors, as far as the settings' role has them."""
    settings.make_data_dir()
    bells = Bells()
    with ExitStack() as stack:
        database = open_migrated(settings.database_url)
        stack.callback(database.close)
        vault = load_vault(settings.data_dir, settings.secret_key)
        context = Context(
            settings,
            database,
            vault,
            fairway_catalog.load(settings.catalog_dirs),
            wake_run=lambda identity: bells.run(identity),
            wake_preview=lambda identity: bells.preview(identity),
            wake_trial=lambda identity: bells.trial(identity),
        )
        stack.callback(context.close)
        with database.write() as session:
            one_at_a_time(session, "the start of a server")
            register(session, vault, settings, sandbox_kubeconfig)
        with database.write() as session:
            one_at_a_time(session, "the start of a server")
            firsts.settle(session)
        if settings.role in ("all", "worker"):
            _start_workers(context, bells, stack)
        if settings.role in ("all", "collector"):
            _start_collectors(context, stack)
        yield create_app(context, pages)


def serve(app: Litestar, settings: Settings) -> None:
    """Blocks until the process is told to end."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        ws="websockets-sansio",
        ws_max_size=LARGEST_MESSAGE,
        ws_ping_timeout=None,  # an answer waits behind data that nobody reads yet
        ws_per_message_deflate=False,
    )
    _Server(config, lambda: _announce(app, settings)).run()


class _Server(uvicorn.Server):
    """Once a second it does what uvicorn does ten times, and is woken to end: an idle server should be idle."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), TICK)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self._loop:
            self._loop.call_soon_threadsafe(self._woken.set)

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # a wider type
        await super().startup(None)
        if self.started:
            self._listening()


def _start_workers(context: Context, bells: Bells, stack: ExitStack) -> None:
    settings = context.settings
    _check_programs(context.catalog)
    passphrase = settings.state_passphrase or kept_secret(settings.data_dir, "state.passphrase")
    engine = choose(
        settings.engine_kind, passphrase, state_url=settings.state_url, state_dir=settings.data_dir / "state"
    )
    worker, trials = Worker(context, engine), Trials(context)
    worker.start()
    stack.callback(worker.stop)
    trials.start()
    stack.callback(trials.stop)
    bells.run, bells.preview, bells.trial = worker.wake_run, worker.wake_preview, trials.wake


def _check_programs(catalog: Catalog) -> None:
    """Told at the start, not by the first run. Raises BadOffering."""
    for offering in (one for versions in catalog.offerings.values() for one in versions.values()):
        try:
            finding.check(offering.program)
        except finding.NoProgram as error:
            raise BadOffering(f"FAIRWAY_CATALOG_DIRS: {offering.name} {offering.version}: {error}") from error


def _start_collectors(context: Context, stack: ExitStack) -> None:
    collector = Collector(
        context.database,
        context.clusters,
        context.catalog,
        context.history,
        events.append,
        context.settings.scrape_interval,
    )
    watching = Watching(context.database, context.clusters, events.append, collector.wake)
    stop = threading.Event()
    threads = [
        threading.Thread(target=part.run, args=(stop,), name=f"fairway-{name}", daemon=True)
        for name, part in (("collector", collector), ("watching", watching))
    ]

    def end() -> None:
        stop.set()
        collector.wake()
        for thread in threads:
            thread.join(GRACE)

    stack.callback(end)
    for thread in threads:
        thread.start()


def _announce(app: Litestar, settings: Settings) -> None:
    """For the command line on this machine: where the server is, and a token of the first admin."""
    context: Context = app.state.context
    with context.database.write() as session:
        user = firsts.settle(session)
        actor = people.actor_for(session, user, "api")
        name = _token_name(context)
        for row in tokens.mine(session, actor):
            if row.name == name and row.revoked_at is None:
                tokens.revoke(session, actor, row.id)
        _, secret = tokens.create(session, actor, name, scopes=people.ALL_SCOPES)
    _keep(settings.data_dir / "keys" / "cli.token", secret)
    _keep(settings.data_dir / "server.json", json.dumps({"url": settings.url, "pid": os.getpid()}))
    print("ready", flush=True)


def _token_name(context: Context) -> str:
    """Replicas that share a database each have their own: one's start must not revoke the other's."""
    return TOKEN_NAME if context.database.dialect == "sqlite" else f"{TOKEN_NAME}: {socket.gethostname()}"


def _keep(path: Path, text: str) -> None:
    """0600, replaced as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    os.replace(partial, path)


def _sandbox_kubeconfig() -> Path | None:
    found = os.environ.get("FAIRWAY_SANDBOX_KUBECONFIG")
    return Path(found) if found else None


if __name__ == "__main__":
    main()
