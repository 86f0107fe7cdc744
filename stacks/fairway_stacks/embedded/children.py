"""The server's side of the zygote: start it at the first need, run a program in a child of it."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fairway_stacks.port import EngineError

START = 60.0


class Children:
    """Thread-safe. Starts the zygote again when it has ended for want of work, or died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._zygote: subprocess.Popen[str] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def run(
        self, wanted: Mapping[str, Any], on_line: Callable[[str], None], cancelled: threading.Event
    ) -> tuple[int, str]:
        """The exit code, and the last of what it printed. Blocks until the program has ended."""
        reading, writing = os.pipe()
        with self._connect() as connection:
            try:
                line = json.dumps(wanted).encode() + b"\n"
                sent = socket.send_fds(connection, [line], [writing])
                connection.sendall(line[sent:])
            finally:
                os.close(writing)
            over = threading.Event()
            watcher = threading.Thread(target=_end_when, args=(cancelled, over, connection), daemon=True)
            watcher.start()
            printed = _pump(reading, on_line)
            code = _exit_code(connection)
            over.set()
            watcher.join()
        return code, printed

    def close(self) -> None:
        with self._lock:
            self._end()

    def _connect(self) -> socket.socket:
        with self._lock:
            for _ in range(2):
                connection = socket.socket(socket.AF_UNIX)
                try:
                    connection.connect(self._path())
                    return connection
                except OSError:
                    connection.close()
                    self._end()
        raise EngineError("The process that runs programs cannot be reached")

    def _path(self) -> str:
        if self._zygote is None or self._zygote.poll() is not None:
            self._end()
            self._start()
        assert self._folder is not None
        return str(Path(self._folder.name) / "zygote")

    def _start(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fairway-")
        path = str(Path(self._folder.name) / "zygote")
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "fairway_stacks.running.zygote", path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,
        )
        assert self._zygote.stdout is not None
        if self._zygote.stdout.readline().strip() != "ready":
            raise EngineError("The process that runs programs did not start; the server's log says why")
        threading.Thread(target=self._zygote.wait, name="fairway-zygote", daemon=True).start()  # no zombie when idle

    def _end(self) -> None:
        zygote, self._zygote = self._zygote, None
        if zygote is not None:
            for stream in (zygote.stdin, zygote.stdout):
                if stream is not None:
                    stream.close()
            zygote.kill()
            zygote.wait()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _pump(descriptor: int, on_line: Callable[[str], None]) -> str:
    last: list[str] = []
    with os.fdopen(descriptor, errors="replace") as stream:
        for line in stream:
            last = [*last[-40:], line]
            on_line(line.rstrip("\n"))
    return "".join(last)


def _exit_code(connection: socket.socket) -> int:
    try:
        answer = connection.makefile().readline()
    except OSError:
        return -9
    return int(json.loads(answer)["exit"]) if answer else -9


def _end_when(cancelled: threading.Event, over: threading.Event, connection: socket.socket) -> None:
    while not over.wait(0.1):
        if cancelled.is_set() and not over.wait(2.0):
            connection.shutdown(socket.SHUT_RDWR)
            return
