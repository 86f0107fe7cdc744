"""Runs the sandbox and the server until it is told to end, and starts again what falls over."""

import os
import re
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click

from fairway.cli import children
from fairway.cli.children import Child
from fairway.cli.failure import Failure
from fairway.settings import Settings

SANDBOX_READY, SERVER_READY = 60.0, 90.0
PATIENCE = 15.0
FALLS, WITHIN = 5, 60.0
FRUGAL = {"MALLOC_ARENA_MAX": "2"}  # glibc: memory of a thread's own is kept for it, and the server has thirty threads
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """ready: called once, when everything is."""

    def __init__(self, settings: Settings, ready: Callable[[], None]) -> None:
        self.settings, self._ready = settings, ready
        self.stop = threading.Event()
        self.children: dict[str, Child] = {}
        self._falls: list[float] = []
        self._wake, self._woken = socket.socketpair()

    @property
    def kubeconfig(self) -> Path:
        return self.settings.data_dir / "sandbox" / "kubeconfig"

    def run(self) -> None:
        children.adopt_orphans()
        self._listen()
        try:
            if self._start_all():
                self._ready()
                self._watch()
        finally:
            self._end_all()

    def _start_all(self) -> bool:
        if self.settings.sandboxed and not self._start("sandbox"):
            return False
        return self._start("server")

    def _start(self, name: str) -> bool:
        command, seconds = (
            (self._sandbox(), SANDBOX_READY)
            if name == "sandbox"
            else ([sys.executable, "-m", "fairway.serving"], SERVER_READY)
        )
        log = self.settings.data_dir / "logs" / f"{name}.log"
        child = self.children[name] = Child(name, command, self._environment(), log)
        return child.await_ready(seconds, self.stop)

    def _sandbox(self) -> list[str]:
        """On the port that it had, so that what knows its address keeps knowing it."""
        data, port = self.settings.data_dir / "sandbox", self._last_port()
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        options = {"--data-dir": str(data), "--kubeconfig": str(self.kubeconfig), "--port": str(port)}
        return [sys.executable, "-m", "fairway_sandbox", *[word for pair in options.items() for word in pair]]

    def _last_port(self) -> int:
        try:
            found = re.search(r"server: *[\"']?https?://([^:/]+):(\d+)", self.kubeconfig.read_text())
            if found is None:
                return 0
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((found[1], int(found[2])))
                return int(found[2])
        except OSError:
            return 0

    def _environment(self) -> dict[str, str]:
        known = {"FAIRWAY_DATA_DIR": str(self.settings.data_dir), "FAIRWAY_PORT": str(self.settings.port)}
        known |= FRUGAL
        if self.settings.sandboxed:
            known["FAIRWAY_SANDBOX_KUBECONFIG"] = str(self.kubeconfig)
        return {**os.environ, **known, "PYTHONUNBUFFERED": "1"}

    def _watch(self) -> None:
        while not self.stop.is_set():
            select.select([self._woken], [], [], 5.0)
            self._drain()
            children.reap([child.process.pid for child in self.children.values()])
            for name, child in list(self.children.items()):
                if child.process.poll() is not None and not self.stop.is_set():
                    self._restart(name, child)

    def _restart(self, name: str, child: Child) -> None:
        now = time.monotonic()
        self._falls = [*[at for at in self._falls if now - at < WITHIN], now]
        if len(self._falls) > FALLS:
            raise Failure(f"The {name} fell over {FALLS} times in a minute: {child.last_words()}", f"See {child.log}.")
        click.echo(f"The {name} ended ({child.ending()}); starting it again. Its log: {child.log}", err=True)
        child.end(0)
        self._start(name)

    def _end_all(self) -> None:
        """The server first: it may still have something to tell the cluster."""
        for name in reversed(list(self.children)):
            self.children.pop(name).end(PATIENCE)
        children.sweep()

    def _listen(self) -> None:
        for end in (self._wake, self._woken):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        for number in ENDING:
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """The first one ends everything in order, a second one at once."""
        if self.stop.is_set():
            for child in self.children.values():
                child.process.kill()
        elif sys.stderr.isatty():
            click.echo("\nEnding...", err=True)
        self.stop.set()

    def _drain(self) -> None:
        try:
            while self._woken.recv(4096):
                pass
        except BlockingIOError:
            pass
