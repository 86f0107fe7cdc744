"""The probes of a hypothesis that are asked once before and once after: met or not, and what was found."""

import json
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from fairway_chaos.experiment import Probe, ProbeKind
from fairway_chaos.workload import Snapshot

Answered = tuple[bool | None, str]
LARGEST = 2**20


def ask(probe: Probe, snapshot: Snapshot) -> Answered:
    """met is None for no data: that is not a success, and no failure either."""
    match probe.kind:
        case ProbeKind.HTTP:
            return _http(probe)
        case ProbeKind.TCP:
            return _tcp(probe)
        case ProbeKind.PROMETHEUS:
            return _prometheus(probe)
        case ProbeKind.KUBERNETES:
            return _kubernetes(probe, snapshot)
        case ProbeKind.COMMAND:
            return _command(probe)


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer, and must not lead a probe elsewhere."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


def _open(url: str, timeout: float) -> tuple[int, bytes]:
    opener = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout) as answer:
            return answer.status, answer.read(LARGEST)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, b""


def _http(probe: Probe) -> Answered:
    if not probe.address.startswith(("http://", "https://")):
        return None, "it has no address"
    try:
        status, _ = _open(probe.address, probe.timeout)
    except OSError as error:
        return False, str(getattr(error, "reason", error))
    return probe.status[0] <= status <= probe.status[1], f"answered {status}"


def _tcp(probe: Probe) -> Answered:
    host, _, port = probe.address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port or 0)), probe.timeout) as connection:
            if probe.send:
                connection.sendall(probe.send.encode("latin-1"))
            found = connection.recv(64) if probe.expect else b""
    except OSError as error:
        return False, str(error)
    met = not probe.expect or any(found.startswith(e.encode("latin-1")) for e in probe.expect)
    return met, "answered" if met else "answered something else"


def _prometheus(probe: Probe) -> Answered:
    url = f"{probe.address.rstrip('/')}/api/v1/query?{urllib.parse.urlencode({'query': probe.query})}"
    try:
        _, body = _open(url, probe.timeout)
        result = json.loads(body)["data"]["result"]
        values = [float(series["value"][1]) for series in result]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return None, f"no data: {getattr(error, 'reason', error)}"
    if not values:
        return None, "no data"
    met = all((probe.low is None or v >= probe.low) and (probe.high is None or v <= probe.high) for v in values)
    return met, ", ".join(f"{v:g}" for v in values[:5])


def _kubernetes(probe: Probe, snapshot: Snapshot) -> Answered:
    wanted = snapshot.workload.desired if probe.ready is None else probe.ready
    return len(snapshot.ready) >= wanted, f"{len(snapshot.ready)} ready"


def _command(probe: Probe) -> Answered:
    try:
        done = subprocess.run(list(probe.command), capture_output=True, timeout=probe.timeout, check=False)
    except subprocess.TimeoutExpired:
        return False, f"took longer than {probe.timeout:g} s"
    except OSError as error:
        return None, f"could not be started: {error.strerror}"
    return done.returncode == 0, f"exit code {done.returncode}"
