"""Probes: eager while a pod starts, so that a recovery is seen at once; unhurried afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi_kubernetes.core import v1 as core


@dataclass(frozen=True)
class Check:
    """How to ask: a GET, a command, or else whether the port accepts connections."""

    port: int
    path: str = ""
    command: Sequence[str] = ()

    def probe(self, period: int, failures: int, timeout: int = 3) -> core.ProbeArgs:
        return core.ProbeArgs(
            period_seconds=period,
            failure_threshold=failures,
            timeout_seconds=timeout,
            http_get=core.HTTPGetActionArgs(path=self.path, port=self.port) if self.path else None,
            exec_=core.ExecActionArgs(command=list(self.command)) if self.command else None,
            tcp_socket=None if self.path or self.command else core.TCPSocketActionArgs(port=self.port),
        )


def startup(check: Check, seconds: int) -> core.ProbeArgs:
    return check.probe(period=1, failures=seconds)


def readiness(check: Check) -> core.ProbeArgs:
    return check.probe(period=5, failures=2)


def liveness(check: Check) -> core.ProbeArgs:
    """Only whether it accepts connections: a path that looks at what the program needs would restart it in vain."""
    return Check(check.port).probe(period=10, failures=6)
