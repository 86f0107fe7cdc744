"""The processes that `fairway up` starts, and their end with all that they started in turn."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from fairway.cli.failure import Failure

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LARGEST_LOG = 10 * 2**20
LAST_LINES = 8


class Child:
    """A process that prints `ready` when it is. It leads a session of its own, so that a Ctrl-C reaches the supervisor
    alone, which ends its children in order."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name, self.command, self.environment, self.log = name, list(command), dict(environment), log
        self.ready = threading.Event()
        _rotate(log)
        self._stream = log.open("ab", buffering=0)
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stream,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def await_ready(self, seconds: float, stop: threading.Event) -> bool:
        """False when `stop` was set meanwhile. Raises Failure when it ended or took too long."""
        until = time.monotonic() + seconds
        while not self.ready.wait(0.05):
            if stop.is_set():
                return False
            if self.process.poll() is not None:
                raise Failure(
                    f"The {self.name} ended at its start ({self.ending()}): {self.last_words()}", self._where()
                )
            if time.monotonic() > until:
                raise Failure(
                    f"The {self.name} was not ready after {seconds:.0f} s: {self.last_words()}", self._where()
                )
        return True

    def ending(self) -> str:
        code = self.process.returncode
        return signal.Signals(-code).name if code is not None and code < 0 else f"code {code}"

    def last_words(self) -> str:
        text = self.log.read_bytes()[-8192:].decode(errors="replace")
        return "; ".join([line for line in text.splitlines() if line.strip()][-LAST_LINES:][-1:]) or "it said nothing"

    def ask_to_end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def end(self, patience: float) -> None:
        """SIGTERM, and SIGKILL to its whole session when that does not help."""
        self.ask_to_end()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._reader.join(1)
        self._stream.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                if line.strip() == b"ready":
                    self.ready.set()
                self._stream.write(line)

    def _where(self) -> str:
        return f"The whole log is {self.log}."


def adopt_orphans() -> None:
    """What a child leaves behind becomes ours, not init's; then sweep() finds it. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def sweep() -> int:
    """Ends everything below this process that is still there, and says how many that were."""
    import psutil

    left = psutil.Process().children(recursive=True)
    for process in left:
        try:
            process.terminate()
        except psutil.NoSuchProcess:
            continue
    _, stubborn = psutil.wait_procs(left, timeout=3)
    for process in stubborn:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(stubborn, timeout=3)
    return len(left)


def reap(known: Sequence[int]) -> None:
    """Collects orphans that have ended; `known` are the children that somebody waits for."""
    import psutil

    for process in psutil.Process().children():
        try:
            if process.pid not in known and process.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(process.pid, os.WNOHANG)
        except (psutil.NoSuchProcess, ChildProcessError):
            continue


def _die_with_parent() -> None:
    """Runs in the child before its program: a killed supervisor shall leave nothing behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _rotate(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
