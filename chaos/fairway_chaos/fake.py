"""A cluster, a clock and a prober in memory, for tests and for trying an experiment out without touching anything."""

import heapq
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fairway_chaos.errors import BudgetRefuses, Halted, NoAnswer, TargetChanged
from fairway_chaos.samples import CADENCE, Answer, Sample
from fairway_chaos.workload import Budget, Change, Pod, Snapshot, Workload

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class FakeClock:
    """Time passes only while somebody waits; `at` says what happens then."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._numbers = itertools.count()
        self._plan: list[tuple[float, int, Callable[[], None]]] = []

    def now(self) -> float:
        return self._now

    def wall(self) -> datetime:
        return NOON + timedelta(seconds=self._now - 1000.0)

    def at(self, when: float, call: Callable[[], None]) -> None:
        heapq.heappush(self._plan, (when, next(self._numbers), call))

    def wait(self, seconds: float) -> None:
        end = self._now + seconds
        while self._plan and self._plan[0][0] <= end:
            when, _, call = heapq.heappop(self._plan)
            self._now = max(self._now, when)
            call()
        self._now = end


@dataclass
class FakeCluster:
    """A workload whose pods come back: rescheduled after `reschedule`, ready after `startup` more (None: never)."""

    clock: FakeClock
    replicas: int = 3
    kind: str = "Deployment"
    name: str = "web"
    namespace: str = "shop-dev"
    reschedule: float = 0.5
    startup: float | None = 2.0
    allowed: int | None = None
    permitted: bool = True
    down: bool = False
    rolling: bool = False
    pods: dict[str, Pod] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    before_call: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._seen: list[Callable[[Change], None]] = []
        for number in range(self.replicas):
            self._add(self._name(number), ready=True, node=f"node-{number % 2}")

    def snapshot(self) -> Snapshot:
        self._answer()
        budget = None if self.allowed is None else Budget(f"{self.name}-budget", self.allowed)
        ready = sum(1 for pod in self.pods.values() if pod.ready)
        updated = self.replicas - 1 if self.rolling else self.replicas
        workload = Workload(self.kind, self.name, self.namespace, self.replicas, ready, updated, True)
        return Snapshot(workload, tuple(self.pods.values()), "1", budget)

    def follow(self, snapshot: Snapshot, seen: Callable[[Change], None]) -> Callable[[], None]:
        self._seen.append(seen)
        return lambda: self._seen.remove(seen)

    def delete(self, pod: Pod, *, grace: int | None = None, dry_run: bool = False) -> None:
        self._answer()
        self._resolve(pod)
        if not dry_run:
            self.calls.append(("force" if grace == 0 else "delete", pod.name))
            self._end(pod)

    def evict(self, pod: Pod, *, dry_run: bool = False) -> None:
        self._answer()
        self._resolve(pod)
        if self.allowed is not None and self.allowed < 1:
            raise BudgetRefuses(f"Cannot evict {pod.name}: the budget {self.name}-budget allows none")
        if not dry_run:
            self.allowed = None if self.allowed is None else self.allowed - 1
            self.calls.append(("evict", pod.name))
            self._end(pod)

    def may(self, verb: str, what: str) -> bool:
        self._answer()
        return self.permitted

    def replace_behind_the_back(self, name: str) -> None:
        """The pod of that name gets another UID, as when somebody else deleted it."""
        old = next(pod for pod in self.pods.values() if pod.name == name)
        del self.pods[old.uid]
        self._add(name, ready=True, node=old.node)

    def _answer(self) -> None:
        if self.down:
            raise NoAnswer("connection refused")

    def _resolve(self, pod: Pod) -> None:
        self.before_call()
        if pod.uid not in self.pods:
            raise TargetChanged(f"{pod.name} is gone or another pod")

    def _end(self, pod: Pod) -> None:
        dying = replace(pod, terminating=True, ready=False)
        self.pods[pod.uid] = dying
        self._tell(pod=dying)
        name = pod.name if self.kind == "StatefulSet" else self._name(next(self._numbers) + 100)
        self.clock.at(self.clock.now() + self.reschedule, lambda: self._come_back(pod, name))

    def _come_back(self, old: Pod, name: str) -> None:
        self.pods.pop(old.uid, None)
        self._tell(gone=old.uid)
        new = self._add(name, ready=False, node=old.node)
        self._tell(pod=new)
        if self.startup is not None:
            self.clock.at(self.clock.now() + self.startup, lambda: self._become_ready(new))

    def _become_ready(self, pod: Pod) -> None:
        if pod.uid in self.pods:
            self.pods[pod.uid] = replace(pod, ready=True)
            self._tell(pod=self.pods[pod.uid])

    def _add(self, name: str, *, ready: bool, node: str) -> Pod:
        number = next(self._numbers)
        pod = Pod(name, f"uid-{number}", "owner-1", node, ready=ready, created_at=self.clock.wall())
        self.pods[pod.uid] = pod
        return pod

    def _name(self, number: int) -> str:
        return f"{self.name}-{number}"

    def _tell(self, pod: Pod | None = None, gone: str = "") -> None:
        for seen in list(self._seen):
            seen(Change(self.clock.now(), pod=pod, gone=gone))


@dataclass
class FakeProber:
    """Good while `serves()` says so."""

    clock: FakeClock
    serves: Callable[[], bool] = lambda: True
    cadence: float = CADENCE
    lost: Callable[[float], bool] = lambda at: False

    def __post_init__(self) -> None:
        self.started = self.stopped = False
        self._samples: list[Sample] = []

    def start(self) -> None:
        self.started = True
        self._slot(self.clock.now())

    def read(self) -> Sequence[Sample]:
        samples, self._samples = self._samples, []
        return samples

    def stop(self) -> Sequence[Sample]:
        self.stopped = True
        return self.read()

    def _slot(self, at: float) -> None:
        if self.stopped:
            return
        answer = Answer.NOT_SENT if self.lost(at) else Answer.OK if self.serves() else Answer.REFUSED
        self._samples.append(Sample(at, at, 0.005, answer))
        self.clock.at(at + self.cadence, lambda: self._slot(at + self.cadence))


@dataclass
class FakeRecord:
    """Keeps everything in lists; `halt` ends the trial."""

    halt: str = ""
    intents: list[tuple[str, str]] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    told: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def intent(self, pod: Pod, method: str) -> str:
        if self.halt:
            raise Halted(self.halt)
        self.intents.append((pod.name, method))
        return str(len(self.intents))

    def outcome(self, intent: str, outcome: str, detail: str = "") -> None:
        self.outcomes.append(outcome)

    def tell(self, kind: str, data: Mapping[str, Any]) -> None:
        self.told.append((kind, data))

    def halted(self) -> str:
        return self.halt
