"""Keeps one pod of a DaemonSet on each node."""

from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.objects import Json, is_active, is_ready

KEY = "daemonsets.apps"


def reconcile(hub: Hub, namespace: str | None, name: str, obj: Json | None) -> None:
    if obj is None or obj["metadata"].get("deletionTimestamp"):
        return
    pods = [p for p in hub.owned_by(obj, "pods") if is_active(p)]
    taken = {p["spec"].get("nodeName") for p in pods}
    nodes = [e.obj["metadata"]["name"] for e in hub.store.every("nodes")]
    for node in nodes:
        if node not in taken:
            pods.append(hub.make_pod(KEY, obj, obj["spec"]["template"], spec={"nodeName": node}))
    ready = sum(map(is_ready, pods))
    status = {"desiredNumberScheduled": len(nodes), "currentNumberScheduled": len(pods), "numberMisscheduled": 0}
    status |= {"numberReady": ready, "numberAvailable": ready, "updatedNumberScheduled": len(pods)}
    hub.set_status(KEY, obj, {**status, "observedGeneration": obj["metadata"]["generation"]})
