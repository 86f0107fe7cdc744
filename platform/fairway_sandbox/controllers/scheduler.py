"""Puts a pod on the node with the fewest pods that can take it, or tells why none can."""

from collections import Counter

from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.objects import Json, dig, evolved, is_active, with_condition
from fairway_sandbox.quantities import quantity

FIGURES = ("cpu", "memory")
RETRY = 1.0


def reconcile(hub: Hub, namespace: str | None, name: str, pod: Json | None) -> None:
    if pod is None or pod["spec"].get("nodeName") or pod["metadata"].get("deletionTimestamp"):
        return
    nodes = [e.obj for e in hub.store.every("nodes")]
    pods = [e.obj for e in hub.store.every("pods") if is_active(e.obj)]
    refusals: Counter[str] = Counter()
    fitting = []
    for node in nodes:
        there = [p for p in pods if p["spec"].get("nodeName") == node["metadata"]["name"]]
        reasons = _refusals(pod, node, there)
        refusals.update(reasons)
        if not reasons:
            fitting.append((len(there), node["metadata"]["name"]))
    if fitting:
        _bind(hub, pod, min(fitting)[1])
    else:
        _refuse(hub, pod, len(nodes), refusals)
        hub.enqueue("pods", namespace, name, RETRY)


def _refusals(pod: Json, node: Json, there: list[Json]) -> list[str]:
    spec, labels = node.get("spec") or {}, node["metadata"].get("labels") or {}
    found = []
    if spec.get("unschedulable"):
        found.append("node(s) were unschedulable")
    if any(not _tolerated(pod, taint) for taint in spec.get("taints") or () if taint["effect"] != "PreferNoSchedule"):
        found.append("node(s) had untolerated taint(s)")
    if any(labels.get(k) != v for k, v in (pod["spec"].get("nodeSelector") or {}).items()):
        found.append("node(s) didn't match Pod's node affinity/selector")
    if not any(c["type"] == "Ready" and c["status"] == "True" for c in dig(node, "status.conditions", [])):
        found.append("node(s) were not ready")
    room = node["status"]["allocatable"]
    if len(there) >= int(room["pods"]):
        found.append("Too many pods")
    for figure in FIGURES:
        asked = requested(pod, figure)
        if asked and asked + sum(requested(p, figure) for p in there) > quantity(room[figure]):
            found.append(f"Insufficient {figure}")
    return found


def requested(pod: Json, figure: str) -> float:
    return sum(quantity(dig(c, f"resources.requests.{figure}", "0")) for c in pod["spec"]["containers"])


def _tolerated(pod: Json, taint: Json) -> bool:
    for toleration in pod["spec"].get("tolerations") or ():
        key_fits = not toleration.get("key") or toleration["key"] == taint["key"]
        value_fits = toleration.get("operator") == "Exists" or toleration.get("value", "") == taint.get("value", "")
        if key_fits and value_fits and toleration.get("effect") in (None, "", taint["effect"]):
            return True
    return False


def _bind(hub: Hub, pod: Json, node: str) -> None:
    conditions = with_condition(dig(pod, "status.conditions"), "PodScheduled", "True")
    spec, status = {**pod["spec"], "nodeName": node}, {**pod["status"], "conditions": conditions}
    meta = pod["metadata"]
    told = f"Successfully assigned {meta['namespace']}/{meta['name']} to {node}"
    hub.record("pods", pod, "Normal", "Scheduled", told, "default-scheduler")
    hub.store.put("pods", evolved(pod, spec=spec, status=status))


def _refuse(hub: Hub, pod: Json, nodes: int, refusals: "Counter[str]") -> None:
    why = ", ".join(f"{count} {reason}" for reason, count in sorted(refusals.items()))
    message = f"0/{nodes} nodes are available" + (f": {why}." if why else ".")
    conditions = with_condition(dig(pod, "status.conditions"), "PodScheduled", "False", "Unschedulable", message)
    hub.set_status("pods", pod, {**pod["status"], "conditions": conditions})
    hub.record("pods", pod, "Warning", "FailedScheduling", message, "default-scheduler")
