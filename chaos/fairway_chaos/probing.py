"""The handle on a prober process: samples come over a pipe, in order of their slots once they are settled."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from fairway_chaos.experiment import Probe, ProbeKind
from fairway_chaos.samples import CADENCE, Answer, Sample

PATIENCE = 5.0
SERVES = {
    "postgres": ("\x00\x00\x00\x08\x04\xd2\x16\x2f", ("S", "N")),
    "redis": ("PING\r\n", ("+PONG", "-NOAUTH")),
    "queue": ("", ("INFO ",)),
}
"""What servers of an offering are asked, and how they begin their answer: that a port is open says too little."""


def default_probe(offering: str, host: str, port: int) -> Probe:
    """The probe of a resource that names none: its own protocol, else HTTP on /."""
    if offering in SERVES:
        send, expect = SERVES[offering]
        return Probe(ProbeKind.TCP, f"{offering} answers", f"{host}:{port}", send=send, expect=expect)
    return Probe(ProbeKind.HTTP, "GET /", f"http://{host}:{port}/")


class ProbeProcess:
    """Implements ports.Prober. The process ends with us: its input is our end of a pipe."""

    def __init__(self, probe: Probe, cadence: float = CADENCE) -> None:
        self._request = json.dumps({"probe": asdict(probe), "cadence": cadence})
        self._timeout = probe.timeout
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._lock = threading.Lock()
        self._samples: list[Sample] = []

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fairway_chaos.prober"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent.parent), *sys.path])},
        )
        assert self._process.stdin is not None
        self._process.stdin.write(self._request + "\n")
        self._process.stdin.flush()
        self._reader = threading.Thread(target=self._listen, args=(self._process,), daemon=True)
        self._reader.start()

    def read(self) -> Sequence[Sample]:
        """Answers come out of order within one timeout: what is younger than the newest by that is held back."""
        with self._lock:
            newest = max((s.scheduled for s in self._samples), default=0.0)
            settled = [s for s in self._samples if s.scheduled < newest - self._timeout]
            self._samples = [s for s in self._samples if s.scheduled >= newest - self._timeout]
        return sorted(settled, key=lambda s: s.scheduled)

    def stop(self) -> Sequence[Sample]:
        process = self._process
        if process is not None:
            self._process = None
            assert process.stdin is not None and self._reader is not None
            try:
                process.stdin.close()
                process.wait(self._timeout + PATIENCE)
            except (OSError, subprocess.TimeoutExpired):
                process.kill()
                process.wait()
            self._reader.join(PATIENCE)
        with self._lock:
            rest, self._samples = self._samples, []
        return sorted(rest, key=lambda s: s.scheduled)

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                scheduled, sent, latency, answer = json.loads(line)
                with self._lock:
                    self._samples.append(Sample(scheduled, sent, latency, Answer(answer)))


class NoProber:
    """For a workload that cannot be reached from here: availability stays unmeasured, and the trial says so."""

    def start(self) -> None: ...

    def read(self) -> Sequence[Sample]:
        return ()

    def stop(self) -> Sequence[Sample]:
        return ()
