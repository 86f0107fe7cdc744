"""A job as a child process, in a session of its own: when it is over, nothing of that session lives on."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import psutil

from fairway_stacks.port import EngineError

PAUSE = 0.05


class Process:
    """The CLI's plugins leave its process group but not its session, by which they are found and ended."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 closed with the process
        reader, writer = os.pipe()
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "fairway_stacks.automation.job"],
                stdin=subprocess.PIPE,
                stdout=self._said,
                stderr=self._said,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                start_new_session=True,
                pass_fds=[writer],
            )
        finally:
            os.close(writer)
        self._answer = b""
        self._listener = threading.Thread(target=self._listen, args=(reader,))
        self._listener.start()
        assert self._child.stdin is not None
        with self._child.stdin as stdin, suppress(BrokenPipeError):
            stdin.write(json.dumps({**job, "answer": writer}).encode())

    def wait(self, meanwhile: Callable[[], None]) -> dict[str, Any]:
        """The answer. Raises EngineError when the process ended without one."""
        try:
            while self._child.poll() is None:
                meanwhile()
                time.sleep(PAUSE)
            meanwhile()
            self.end()
            self._listener.join()
            return self._understood()
        finally:
            self.end()
            self._listener.join()
            self._said.close()

    def interrupt(self) -> None:
        with suppress(ProcessLookupError):
            self._child.send_signal(signal.SIGINT)

    def end(self) -> None:
        """At once, with all that it started."""
        for process in psutil.process_iter():
            with suppress(ProcessLookupError, PermissionError, psutil.NoSuchProcess):
                if os.getsid(process.pid) == self._child.pid:
                    process.kill()
        self._child.wait()

    def _listen(self, reader: int) -> None:
        """An answer may be larger than a pipe holds."""
        with open(reader, "rb") as answer:
            self._answer = answer.read()

    def _understood(self) -> dict[str, Any]:
        if not self._answer:
            self._said.seek(0)
            last = self._said.read().decode(errors="replace")[-2000:].strip()
            raise EngineError(f"The Pulumi process ended without an answer ({self._child.returncode}): {last}")
        answer: dict[str, Any] = json.loads(self._answer)
        return answer
