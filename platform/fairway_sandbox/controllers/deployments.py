"""Rolls a Deployment from one template to the next through its ReplicaSets."""

from fairway_sandbox.controllers import progress
from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.controllers.templates import HASH_LABEL, fingerprint, share
from fairway_sandbox.objects import Json, copied, dig, evolved, is_active

KEY, SETS = "deployments.apps", "replicasets.apps"
REVISION = "deployment.kubernetes.io/revision"
DESIRED, MOST = "deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas"
CLIENT_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


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
        if self.new is None and not self._paused:
            self.new = self._make()
            self.made = True
        if self.new is None:
            return
        self._number()
        if not any(s["spec"]["replicas"] or dig(s, "status.replicas", 0) for s in self._old):
            self.new = self._scale(self.new, self._wanted)
        elif self._paused:
            return
        elif self._rolling:
            self._roll(self.new)
        else:
            self._recreate(self.new)

    def _make(self) -> Json:
        spec = self._obj["spec"]
        template, selector = copied(spec["template"]), copied(spec["selector"])
        template["metadata"].setdefault("labels", {})[HASH_LABEL] = self._hash
        selector.setdefault("matchLabels", {})[HASH_LABEL] = self._hash
        meta = self._obj["metadata"]
        annotations = {k: v for k, v in (meta.get("annotations") or {}).items() if k != CLIENT_APPLIED}
        annotations |= {REVISION: str(self.revision), DESIRED: str(self._wanted), MOST: str(self._wanted + self._surge)}
        body: Json = {"replicas": 0, "selector": selector, "template": template}
        if spec.get("minReadySeconds"):
            body["minReadySeconds"] = spec["minReadySeconds"]
        own: Json = {"name": f"{meta['name']}-{self._hash}", "labels": dict(template["metadata"]["labels"])}
        own |= {"annotations": annotations, "ownerReferences": [self._hub.reference(KEY, self._obj)]}
        return self._hub.registry.make(SETS, meta["namespace"], {"metadata": own, "spec": body})

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

    def _recreate(self, new: Json) -> None:
        self._old = [self._scale(s, 0) for s in self._old]
        if not any(any(self._hub.owned_by(s, "pods")) for s in self._old):
            self.new = self._scale(new, self._wanted)

    def _roll(self, new: Json) -> None:
        total = new["spec"]["replicas"] + sum(s["spec"]["replicas"] for s in self._old)
        room = max(0, self._wanted + self._surge - total)
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
        sizes = {DESIRED: str(self._wanted), MOST: str(self._wanted + self._surge)}
        meta["annotations"] = {**(meta.get("annotations") or {}), **sizes}
        way = "up" if wanted > current else "down"
        told = f"Scaled {way} replica set {meta['name']} from {current} to {wanted}"
        scaled = self._hub.store.put(SETS, fresh).obj
        self._hub.record(KEY, self._obj, "Normal", "ScalingReplicaSet", told, "deployment-controller")
        return scaled

    def forget_old(self) -> None:
        """Keep as many empty old sets as the history asks for."""
        empty = [s for s in self._old if not s["spec"]["replicas"] and not dig(s, "status.replicas", 0)]
        surplus = len(empty) - self._obj["spec"].get("revisionHistoryLimit", 10)
        for old in sorted(empty, key=revision_of)[: max(0, surplus)]:
            if not any(is_active(p) for p in self._hub.owned_by(old, "pods")):
                self._hub.delete(SETS, old)


def revision_of(one: Json) -> int:
    return int((one["metadata"].get("annotations") or {}).get(REVISION, 0))
