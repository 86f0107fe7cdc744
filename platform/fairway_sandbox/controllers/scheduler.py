"""Puts a pod on the node with the fewest pods that can take it, or tells why none can."""

from collections import Counter
from collections.abc import Sequence

from fairway_sandbox.controllers.fitting import Refusal, refusal
from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.controllers.protection import CLAIMS, claims_of
from fairway_sandbox.objects import Json, dig, evolved, is_active, with_condition

RETRY = 1.0


def reconcile(hub: Hub, namespace: str | None, name: str, pod: Json | None) -> None:
    if pod is None or pod["spec"].get("nodeName") or pod["metadata"].get("deletionTimestamp"):
        return
    nodes = [e.obj for e in hub.store.every("nodes")]
    lacking = _lacking(hub, pod)
    if lacking:
        _refuse(hub, pod, lacking, [Refusal(())] * len(nodes))
        return
    pods = [e.obj for e in hub.store.every("pods") if is_active(e.obj)]
    refusals, fitting = [], []
    for node in nodes:
        there = [p for p in pods if p["spec"].get("nodeName") == node["metadata"]["name"]]
        refused = refusal(pod, node, there)
        if refused:
            refusals.append(refused)
        else:
            fitting.append((len(there), node["metadata"]["name"]))
    if fitting:
        _bind(hub, pod, min(fitting)[1])
    else:
        _refuse(hub, pod, _counted([reason for one in refusals for reason in one.reasons]), refusals)


def _lacking(hub: Hub, pod: Json) -> str:
    """What is wrong with the pod's claims, if anything."""
    for name in claims_of(pod):
        claim = hub.store.object(CLAIMS, pod["metadata"]["namespace"], name)
        if claim is None:
            return f'persistentvolumeclaim "{name}" not found'
        if claim["metadata"].get("deletionTimestamp"):
            return f'persistentvolumeclaim "{name}" is being deleted'
    return ""


def _bind(hub: Hub, pod: Json, node: str) -> None:
    conditions = with_condition(dig(pod, "status.conditions"), "PodScheduled", "True")
    spec, status = {**pod["spec"], "nodeName": node}, {**pod["status"], "conditions": conditions}
    meta = pod["metadata"]
    told = f"Successfully assigned {meta['namespace']}/{meta['name']} to {node}"
    hub.record("pods", pod, "Normal", "Scheduled", told, "default-scheduler")
    hub.store.put("pods", evolved(pod, spec=spec, status=status))


def _refuse(hub: Hub, pod: Json, why: str, refusals: Sequence[Refusal]) -> None:
    """Told as a real scheduler does, which also says that to end other pods would not help. Tried again later."""
    message = "no nodes available to schedule pods"
    if refusals:
        none = f"0/{len(refusals)} nodes are available"
        hopes = ["No preemption victims found for incoming pod", "Preemption is not helpful for scheduling"]
        helps = _counted([hopes[one.for_good] for one in refusals])
        message = f"{none}: {why}. no new claims to deallocate, preemption: {none}: {helps}."
    conditions = with_condition(dig(pod, "status.conditions"), "PodScheduled", "False", "Unschedulable", message)
    hub.set_status("pods", pod, {**pod["status"], "conditions": conditions})
    hub.record("pods", pod, "Warning", "FailedScheduling", message, "default-scheduler")
    meta = pod["metadata"]
    hub.enqueue("pods", meta["namespace"], meta["name"], RETRY)


def _counted(reasons: Sequence[str]) -> str:
    return ", ".join(sorted(f"{count} {reason}" for reason, count in Counter(reasons).items()))
