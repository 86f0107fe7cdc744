"""Keeps as many pods as a ReplicaSet wants: adopts orphans, releases strays, makes and ends the rest."""

from fairway_sandbox import selectors
from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.objects import Json, controller_of, copied, dig, evolved, is_active, is_ready, seconds_since

KEY = "replicasets.apps"


def reconcile(hub: Hub, namespace: str | None, name: str, obj: Json | None) -> None:
    if obj is None or obj["metadata"].get("deletionTimestamp"):
        return
    wanted, pods = obj["spec"]["replicas"], _members(hub, obj)
    while len(pods) < wanted:
        pods.append(hub.make_pod(KEY, obj, obj["spec"]["template"]))
    for pod in sorted(pods, key=_worth)[: max(0, len(pods) - wanted)]:
        hub.end_pod(KEY, obj, pod)
        pods.remove(pod)
    hub.set_status(KEY, obj, _status(hub, obj, pods))


def _members(hub: Hub, obj: Json) -> list[Json]:
    requirements = selectors.of_object(obj["spec"]["selector"])
    members = []
    for pod in [p for p in hub.owned_by(obj, "pods") if is_active(p)]:
        if selectors.selects(requirements, pod["metadata"].get("labels")):
            members.append(pod)
        else:
            _release(hub, obj, pod)
    for entry in hub.store.every("pods", obj["metadata"]["namespace"]):
        stray = controller_of(entry.obj) is None and is_active(entry.obj)
        if stray and selectors.selects(requirements, entry.obj["metadata"].get("labels")):
            members.append(_adopt(hub, obj, entry.obj))
    return members


def _adopt(hub: Hub, obj: Json, pod: Json) -> Json:
    fresh = copied(pod)
    fresh["metadata"].setdefault("ownerReferences", []).append(hub.reference(KEY, obj))
    return hub.store.put("pods", fresh).obj


def _release(hub: Hub, obj: Json, pod: Json) -> None:
    fresh, uid = evolved(pod), obj["metadata"]["uid"]
    references = [r for r in pod["metadata"]["ownerReferences"] if r["uid"] != uid]
    fresh["metadata"]["ownerReferences"] = references
    hub.owned[uid].discard(("pods", pod["metadata"]["namespace"], pod["metadata"]["name"]))
    hub.store.put("pods", fresh)


def _worth(pod: Json) -> tuple[bool, bool, bool, float]:
    """What goes first when there are too many: unscheduled, not running, not ready, then the youngest."""
    running = dig(pod, "status.phase") == "Running"
    age = seconds_since(pod["metadata"]["creationTimestamp"])
    return bool(pod["spec"].get("nodeName")), running, is_ready(pod), age


def _status(hub: Hub, obj: Json, pods: list[Json]) -> Json:
    status: Json = {"replicas": len(pods), "observedGeneration": obj["metadata"].get("generation", 1)}
    counts = {
        "fullyLabeledReplicas": len(pods),
        "readyReplicas": sum(map(is_ready, pods)),
        "availableReplicas": available(hub, KEY, obj, pods),
    }
    return {**status, **{name: count for name, count in counts.items() if count}}


def available(hub: Hub, key: str, obj: Json, pods: list[Json]) -> int:
    """How many have been ready for minReadySeconds; the set is looked at again when the next one will be."""
    least = obj["spec"].get("minReadySeconds") or 0
    if not least:
        return sum(map(is_ready, pods))
    count = 0
    for pod in filter(is_ready, pods):
        since = next(c["lastTransitionTime"] for c in pod["status"]["conditions"] if c["type"] == "Ready")
        left = least - seconds_since(since)
        if left <= 0:
            count += 1
        else:
            hub.enqueue(key, obj["metadata"]["namespace"], obj["metadata"]["name"], left + 0.1)
    return count
