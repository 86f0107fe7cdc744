"""An experiment: what to kill, how, and what should hold meanwhile. Durations are in seconds."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Method(StrEnum):
    """delete: the pod's own grace; force: none; evict: asks the PodDisruptionBudget; pdb-probe: takes all it allows."""

    DELETE = "delete"
    FORCE = "force"
    EVICT = "evict"
    PDB_PROBE = "pdb-probe"


class Mode(StrEnum):
    ONE = "one"
    ALL = "all"
    FIXED = "fixed"
    PERCENT = "percent"
    RANDOM_MAX_PERCENT = "random-max-percent"


class Order(StrEnum):
    """random draws uniformly; the others take the first; spread takes one per node, then a second one."""

    RANDOM = "random"
    OLDEST = "oldest"
    NEWEST = "newest"
    NAME = "name"
    SPREAD = "spread"


class ProbeKind(StrEnum):
    HTTP = "http"
    TCP = "tcp"
    PROMETHEUS = "prometheus"
    KUBERNETES = "kubernetes"
    COMMAND = "command"


@dataclass(frozen=True)
class Action:
    """seed: None draws one, which the trial records. interval: pause between two kills."""

    method: Method = Method.DELETE
    mode: Mode = Mode.ONE
    count: int = 1
    percent: float = 0.0
    order: Order = Order.RANDOM
    seed: int | None = None
    min_age: float = 0.0
    interval: float = 0.0
    allow_bare: bool = False


@dataclass(frozen=True)
class Probe:
    """One way to ask whether the workload serves.

    address: a URL for http and prometheus, `host:port` for tcp; empty is the workload's own. send and expect: what a
    tcp probe says (bytes as Latin-1) and the beginnings of an answer that is good. status: good answers of http.
    query, low and high: of prometheus, and the tolerance for its value; ready: Ready pods that kubernetes asks for,
    None for as many as are desired. command: arguments of a program that exits with 0.
    """

    kind: ProbeKind = ProbeKind.HTTP
    name: str = ""
    address: str = ""
    path: str = "/"
    status: tuple[int, ...] = (200, 399)
    send: str = ""
    expect: tuple[str, ...] = ()
    query: str = ""
    low: float | None = None
    high: float | None = None
    ready: int | None = None
    command: tuple[str, ...] = ()
    timeout: float = 1.0

    @property
    def title(self) -> str:
        return self.name or f"{self.kind} {self.path if self.kind is ProbeKind.HTTP else self.address}".strip()


@dataclass(frozen=True)
class Hypothesis:
    """availability: least share of good probes in the fault window; recovery: most seconds until the workload is whole;
    latency: most that p95 after may be, as a multiple of p95 before. None asks for nothing. probes: before and after.
    stop_after: bad probes in a row that stop further kills (not when an outage is expected); 0 never stops.
    """

    availability: float | None = None
    recovery: float | None = None
    latency: float | None = None
    probe: Probe | None = None
    probes: tuple[Probe, ...] = ()
    stop_after: int = 3


@dataclass(frozen=True)
class Experiment:
    """baseline: probing before the first kill; duration: the longest wait for recovery; after: probing after it."""

    resource: str
    title: str = ""
    action: Action = field(default_factory=Action)
    baseline: float = 30.0
    duration: float = 120.0
    after: float = 30.0
    hypothesis: Hypothesis = field(default_factory=Hypothesis)
    allow_outage: bool = False

    def document(self) -> dict[str, Any]:
        """Plain JSON that `reading.read` takes back."""
        found: dict[str, Any] = _plain(asdict(self))
        return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, StrEnum) else value
