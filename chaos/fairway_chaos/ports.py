"""What a trial needs of the world."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from fairway_chaos.samples import Sample
from fairway_chaos.workload import Change, Pod, Snapshot


class Clock(Protocol):
    def now(self) -> float:
        """Monotonic seconds, the same for all processes of the machine."""

    def wall(self) -> datetime:
        """Aware, in UTC."""

    def wait(self, seconds: float) -> None: ...


class Cluster(Protocol):
    """One workload in a cluster. Every method may raise NoAnswer."""

    def snapshot(self) -> Snapshot: ...

    def follow(self, snapshot: Snapshot, seen: Callable[[Change], None]) -> Callable[[], None]:
        """Reports what changes after the snapshot, from any thread; answers what ends it. A lost watch is a gap."""

    def delete(self, pod: Pod, *, grace: int | None = None, dry_run: bool = False) -> None:
        """This very pod, by its UID. Raises TargetChanged. grace: seconds, None for the pod's own."""

    def evict(self, pod: Pod, *, dry_run: bool = False) -> None:
        """Raises TargetChanged, BudgetRefuses."""

    def may(self, verb: str, what: str) -> bool:
        """Whether Fairway's own credentials allow it, such as `create`, `pods/eviction`."""


class Prober(Protocol):
    """Probes on a fixed grid, in a process of its own."""

    def start(self) -> None: ...

    def read(self) -> Sequence[Sample]:
        """The samples since the last call, in order of their slots; a slot comes once it was answered or timed out."""

    def stop(self) -> Sequence[Sample]:
        """Ends it and answers the last samples. May be called twice."""


class Record(Protocol):
    """Where a trial writes down what it does; each call is durable before it returns."""

    def intent(self, pod: Pod, method: str) -> str:
        """Before each call to the cluster that changes something. Answers the intent's id. Raises Halted instead when
        no further pod may be killed."""

    def outcome(self, intent: str, outcome: str, detail: str = "") -> None: ...

    def tell(self, kind: str, data: Mapping[str, Any]) -> None:
        """For whoever follows the trial live."""

    def halted(self) -> str:
        """Why no further pod may be killed, such as `bob: wrong service`; empty to go on."""
