"""Whether an object is what it should be, and if not, what is being waited for."""

from collections.abc import Callable, Mapping
from typing import Any

Object = Mapping[str, Any]
SKIP = "pulumi.com/skipAwait"


class Hopeless(Exception):
    """Waiting longer cannot help."""


def waiting_for(live: Object) -> str:
    """Empty when it is ready. Raises Hopeless."""
    annotations = live["metadata"].get("annotations") or {}
    judge = JUDGES.get(live["kind"])
    return "" if judge is None or annotations.get(SKIP) == "true" else judge(live)


def has_pods(kind: str) -> bool:
    return kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Pod")


def _status(live: Object) -> Mapping[str, Any]:
    return live.get("status") or {}


def _condition(live: Object, type_: str) -> Mapping[str, Any]:
    return next((one for one in _status(live).get("conditions") or [] if one["type"] == type_), {})


def _is_observed(live: Object) -> bool:
    return bool(_status(live).get("observedGeneration", 0) >= live["metadata"].get("generation", 0))


def _deployment(live: Object) -> str:
    wanted, status = live["spec"].get("replicas", 1), _status(live)
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    if not _is_observed(live):
        return "Waiting for the Deployment to be seen by its controller"
    progressing = _condition(live, "Progressing")
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        raise Hopeless(progressing.get("message", "the Deployment exceeded its progress deadline"))
    if updated < wanted or available < wanted:
        return f"Waiting for app ReplicaSet to be available ({min(updated, available)}/{wanted} Pods available)"
    if status.get("replicas", 0) > updated:
        return f"Waiting for {status['replicas'] - updated} old Pods to end"
    return ""


def _stateful_set(live: Object) -> str:
    wanted, status = live["spec"].get("replicas", 1), _status(live)
    ready = status.get("readyReplicas", 0)
    if not _is_observed(live):
        return "Waiting for the StatefulSet to be seen by its controller"
    if ready < wanted:
        return f"Waiting for StatefulSet to create Pods ({ready}/{wanted} Pods ready)"
    strategy = (live["spec"].get("updateStrategy") or {}).get("type", "RollingUpdate")
    if strategy == "RollingUpdate" and status.get("currentRevision") != status.get("updateRevision"):
        updated = status.get("updatedReplicas", 0)
        if updated < wanted:
            return f"Waiting for StatefulSet update to roll out ({updated}/{wanted} Pods updated)"
    return ""


def _daemon_set(live: Object) -> str:
    status = _status(live)
    wanted = status.get("desiredNumberScheduled", 0)
    if not _is_observed(live):
        return "Waiting for the DaemonSet to be seen by its controller"
    ready = min(status.get("numberAvailable", 0), status.get("updatedNumberScheduled", 0))
    return f"Available: {ready}/{wanted}" if ready < wanted else ""


def _claim(live: Object) -> str:
    phase = _status(live).get("phase")
    if phase == "Lost":
        raise Hopeless("the PersistentVolumeClaim has lost its volume")
    return "" if phase == "Bound" else "Waiting for PersistentVolumeClaim to be bound"


def _service(live: Object) -> str:
    if live["spec"].get("type") != "LoadBalancer":
        return ""
    has_address = (_status(live).get("loadBalancer") or {}).get("ingress")
    return "" if has_address else "Attempting to allocate IP address to Service"


def _pod(live: Object) -> str:
    if _status(live).get("phase") == "Failed":
        raise Hopeless(_status(live).get("message") or "the Pod has failed")
    if _status(live).get("phase") == "Succeeded" or _condition(live, "Ready").get("status") == "True":
        return ""
    return f'Waiting for Pod "{live["metadata"]["name"]}" to be ready'


def _job(live: Object) -> str:
    failed, status = _condition(live, "Failed"), _status(live)
    if failed.get("status") == "True":
        raise Hopeless(failed.get("message") or "the Job has failed")
    if _condition(live, "Complete").get("status") == "True":
        return ""
    counts = " | ".join(f"{key.capitalize()}: {status.get(key, 0)}" for key in ("active", "succeeded", "failed"))
    return f"Waiting for Job to succeed ({counts})"


def _namespace(live: Object) -> str:
    return "" if _status(live).get("phase", "Active") == "Active" else "Waiting for the Namespace to be active"


JUDGES: dict[str, Callable[[Object], str]] = {
    "DaemonSet": _daemon_set,
    "Deployment": _deployment,
    "Job": _job,
    "Namespace": _namespace,
    "PersistentVolumeClaim": _claim,
    "Pod": _pod,
    "Service": _service,
    "StatefulSet": _stateful_set,
}
