"""What a trial sees of a cluster: one workload and its pods, as frozen values."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Pod:
    """owner_uid: of its controller, empty for a bare pod. created_at is the API server's clock (1 s resolution)."""

    name: str
    uid: str
    owner_uid: str = ""
    node: str = ""
    ready: bool = True
    scheduled: bool = True
    terminating: bool = False
    created_at: datetime | None = None
    ready_at: datetime | None = None
    restarts: int = 0


@dataclass(frozen=True)
class Workload:
    """settled: the controller has observed the newest generation; updated: pods of the newest template."""

    kind: str
    name: str
    namespace: str
    desired: int
    ready: int
    updated: int
    settled: bool

    @property
    def rolling(self) -> bool:
        return not self.settled or self.updated < self.desired


@dataclass(frozen=True)
class Budget:
    """A PodDisruptionBudget that covers the workload."""

    name: str
    allowed: int


@dataclass(frozen=True)
class Snapshot:
    """version: of the LIST of pods; a watch goes on from there."""

    workload: Workload
    pods: tuple[Pod, ...]
    version: str = ""
    budget: Budget | None = None

    @property
    def ready(self) -> tuple[Pod, ...]:
        return tuple(pod for pod in self.pods if pod.ready and not pod.terminating)


@dataclass(frozen=True)
class Change:
    """What a watch saw, stamped with the monotonic time of its receipt; one of pod, gone, workload or gap is set."""

    at: float
    pod: Pod | None = None
    gone: str = ""
    workload: Workload | None = None
    gap: str = ""
