"""Rolls a Deployment from one template to the next through its ReplicaSets."""

from fairway_sandbox.controllers import progress
from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.controllers.revisions import DESIRED, MOST, REVISION, replica_set, revision_of
from fairway_sandbox.controllers.templates import HASH_LABEL, fingerprint, share
from fairway_sandbox.objects import Json, dig, evolved, is_active

KEY, SETS = "deployments.apps", "replicasets.apps"


def reconcile(hub: Hub, namespace: str | None, name: str, obj: Json | None) -> None:
    if obj is None or obj["metadata"].get("deletionTimestamp"):
        return
    rollout = Rollout(hub, obj)
    rollout.advance()
    rollout.forget_old()
    revision = {REVISION: str(rollout.revision)} if rollout.new else {}
    status = progress.status(obj, rollout.sets(), rollout.new, rollout.unavailable, made=rollout.made)
    hub.set_status(KEY, obj, status, revision)
    if progress.is_waiting(status):
        hub.enqueue(KEY, namespace, name, obj["spec"]["progressDeadlineSeconds"] + 1)


class Rollout:
    """One look at a Deployment: its new ReplicaSet, the old ones, and how far each may go."""

    def __init__(self, hub: Hub, obj: Json) -> None:
        self._hub, self._obj, spec = hub, obj, obj["spec"]
        self._hash = fingerprint(spec["template"])
        found = self.sets()
        self.new = next((s for s in found if s["metadata"]["labels"].get(HASH_LABEL) == self._hash), None)
        self._old = [s for s in found if s is not self.new]
        self._wanted: int = spec["replicas"]
        self._paused = bool(spec.get("paused"))
        self._rolling = spec["strategy"]["type"] == "RollingUpdate"
        surge, unavailable = 0, self._wanted
        if self._rolling:
            surge = share(spec["strategy"]["rollingUpdate"]["maxSurge"], self._wanted, up=True)
            unavailable = share(spec["strategy"]["rollingUpdate"]["maxUnavailable"], self._wanted, up=False)
            unavailable = 1 if not surge and not unavailable else unavailable
        self._surge, self.unavailable = surge, unavailable
        self.revision = max((revision_of(s) for s in self._old), default=0) + 1
        self.made = False

    def sets(self) -> list[Json]:
        return list(self._hub.owned_by(self._obj, SETS))

    def advance(self) -> None:
        if not self._paused and not self._rolling:
            self._old = [self._scale(s, 0) for s in self._old]
            if any(map(self._runs, self._old)):
                return
        if self.new is None and not self._paused:
            self.new = self._make()
            self.made = True
        if self.new is None:
            return
        self._number()
        idle = not any(s["spec"]["replicas"] or dig(s, "status.replicas", 0) for s in self._old)
        if idle or not (self._paused or self._rolling):
            self.new = self._scale(self.new, self._wanted)
        elif not self._paused:
            self._roll(self.new)

    def _runs(self, one: Json) -> bool:
        """Whether a process of the set may still be there, also one that has been asked to end."""
        return any(dig(p, "status.phase") not in ("Succeeded", "Failed") for p in self._hub.owned_by(one, "pods"))

    def _make(self) -> Json:
        size = min(self._wanted, self._room(self._old))
        told = {REVISION: str(self.revision), **self._sizes()}
        document = replica_set(self._obj, self._hash, size, told, self._hub.reference(KEY, self._obj))
        made = self._hub.registry.make(SETS, self._obj["metadata"]["namespace"], document)
        self._tell(made, 0, size)
        return made

    def _sizes(self) -> Json:
        return {DESIRED: str(self._wanted), MOST: str(self._wanted + self._surge)}

    def _room(self, sets: list[Json]) -> int:
        """How many pods more there may be for now."""
        taken: int = sum(s["spec"]["replicas"] for s in sets)
        return max(0, self._wanted + self._surge - taken)

    def _number(self) -> None:
        """The new set has the highest revision, also when it is an old one that has come back."""
        assert self.new is not None
        if revision_of(self.new) >= self.revision:
            self.revision = revision_of(self.new)
        elif not self._paused:
            fresh = evolved(self.new)
            fresh["metadata"]["annotations"] = {
                **(fresh["metadata"].get("annotations") or {}),
                REVISION: str(self.revision),
            }
            self.new = self._hub.store.put(SETS, fresh).obj

    def _roll(self, new: Json) -> None:
        room = self._room([new, *self._old])
        new = self.new = self._scale(new, min(self._wanted, new["spec"]["replicas"] + room))
        least = self._wanted - self.unavailable
        starting = new["spec"]["replicas"] - dig(new, "status.availableReplicas", 0)
        total = new["spec"]["replicas"] + sum(s["spec"]["replicas"] for s in self._old)
        self._shrink(total - least - starting, only_broken=True)
        serving = sum(dig(s, "status.availableReplicas", 0) for s in [new, *self._old])
        self._shrink(serving - least, only_broken=False)

    def _shrink(self, budget: int, *, only_broken: bool) -> None:
        """Scale the old sets down by at most the budget, the oldest first."""
        self._old.sort(key=lambda s: str(s["metadata"]["creationTimestamp"]))
        for at, old in enumerate(self._old):
            size = old["spec"]["replicas"]
            can_go = size - dig(old, "status.availableReplicas", 0) if only_broken else size
            step = max(0, min(can_go, budget))
            if step:
                self._old[at] = self._scale(old, size - step)
                budget -= step

    def _scale(self, one: Json, wanted: int) -> Json:
        current = one["spec"]["replicas"]
        if current == wanted:
            return one
        fresh = evolved(one, spec={**one["spec"], "replicas": wanted})
        meta = fresh["metadata"]
        meta["generation"] += 1
        meta["annotations"] = {**(meta.get("annotations") or {}), **self._sizes()}
        scaled = self._hub.store.put(SETS, fresh).obj
        self._tell(scaled, current, wanted)
        return scaled

    def _tell(self, one: Json, before: int, after: int) -> None:
        if before != after:
            way = "up" if after > before else "down"
            told = f"Scaled {way} replica set {one['metadata']['name']} from {before} to {after}"
            self._hub.record(KEY, self._obj, "Normal", "ScalingReplicaSet", told, "deployment-controller")

    def forget_old(self) -> None:
        """Keep as many empty old sets as the history asks for."""
        empty = [s for s in self._old if not s["spec"]["replicas"] and not dig(s, "status.replicas", 0)]
        surplus = len(empty) - self._obj["spec"].get("revisionHistoryLimit", 10)
        for old in sorted(empty, key=revision_of)[: max(0, surplus)]:
            if not any(is_active(p) for p in self._hub.owned_by(old, "pods")):
                self._hub.delete(SETS, old)
