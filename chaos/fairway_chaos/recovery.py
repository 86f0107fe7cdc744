"""Recovery clocks, from what the watch saw: per pod, and for the workload (the authoritative one)."""

from collections.abc import Sequence
from dataclasses import dataclass

from fairway_chaos.killing import Kill
from fairway_chaos.workload import Change, Pod, Snapshot

HOLD = 10.0
"""Seconds that the workload must stay whole; they are not counted."""


@dataclass(frozen=True)
class PodRecovery:
    """ttr is reschedule + startup; None while it has not happened (censored)."""

    replacement: str = ""
    node: str = ""
    reschedule: float | None = None
    startup: float | None = None

    @property
    def ttr(self) -> float | None:
        return None if self.reschedule is None or self.startup is None else self.reschedule + self.startup


@dataclass
class _Seen:
    """A pod as the watch knows it; scheduled and ready: when that was first received."""

    pod: Pod
    scheduled: float | None = None
    ready: float | None = None


class Tracker:
    """Follows a workload from a snapshot on. Fed in order of receipt by one thread."""

    def __init__(self, snapshot: Snapshot, hold: float = HOLD) -> None:
        self.desired = snapshot.workload.desired
        self.hold = hold
        self.gaps: list[tuple[float, str]] = []
        self._stable_names = snapshot.workload.kind == "StatefulSet"
        self._old = {pod.uid for pod in snapshot.pods}
        self._live = {pod.uid: _Seen(pod) for pod in snapshot.pods}
        self._new: dict[str, _Seen] = {}
        self._settled = snapshot.workload.settled
        self._dead: set[str] = set()
        self._whole_since: float | None = None

    def feed(self, change: Change) -> None:
        if change.gap:
            self.gaps.append((change.at, change.gap))
        if change.workload is not None:
            self._settled = change.workload.settled
        if change.gone:
            self._live.pop(change.gone, None)
        if change.pod is not None:
            self._see(change.at, change.pod)
        self._judge(change.at)

    def killed(self, uid: str, at: float) -> None:
        """It does not count as ready from now on, whatever the watch still says."""
        self._dead.add(uid)
        self._judge(at)

    @property
    def ready(self) -> int:
        return sum(1 for uid, seen in self._live.items() if uid not in self._dead and _serves(seen.pod))

    def whole_at(self, now: float) -> float | None:
        """Since when as many pods as desired are ready, once that has held."""
        since = self._whole_since
        return since if since is not None and now - since >= self.hold else None

    @property
    def whole_since(self) -> float | None:
        return self._whole_since

    def recoveries(self, kills: Sequence[Kill]) -> list[PodRecovery]:
        """One per kill: paired by owner in order, of a StatefulSet by name; each replacement once."""
        left = sorted(self._new.values(), key=lambda s: s.scheduled if s.scheduled is not None else float("inf"))
        found = []
        for kill in kills:
            match = next((seen for seen in left if self._replaces(seen.pod, kill.pod)), None)
            if match is not None:
                left.remove(match)
            found.append(_clocks(match, kill.at))
        return found

    def _see(self, at: float, pod: Pod) -> None:
        if pod.uid in self._old:
            self._live[pod.uid] = _Seen(pod)
            return
        seen = self._new.setdefault(pod.uid, _Seen(pod))
        seen.pod = pod
        if pod.scheduled and seen.scheduled is None:
            seen.scheduled = at
        if _serves(pod) and seen.ready is None:
            seen.ready = at
        self._live[pod.uid] = seen

    def _judge(self, at: float) -> None:
        whole = self._settled and self.ready >= self.desired
        if not whole:
            self._whole_since = None
        elif self._whole_since is None:
            self._whole_since = at

    def _replaces(self, new: Pod, old: Pod) -> bool:
        return new.owner_uid == old.owner_uid and (not self._stable_names or new.name == old.name)


def _serves(pod: Pod) -> bool:
    return pod.ready and not pod.terminating


def _clocks(seen: _Seen | None, killed: float | None) -> PodRecovery:
    """A replacement may be scheduled before the kill's acknowledgement came in: then rescheduling took no time."""
    if seen is None or killed is None:
        return PodRecovery()
    scheduled = None if seen.scheduled is None else max(seen.scheduled, killed)
    return PodRecovery(
        replacement=seen.pod.name,
        node=seen.pod.node,
        reschedule=None if scheduled is None else scheduled - killed,
        startup=None if scheduled is None or seen.ready is None else max(seen.ready - scheduled, 0.0),
    )
