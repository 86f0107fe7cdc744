"""Kubernetes objects as a real API server writes them, cut to what matters."""

from typing import Any

from tests.kube.fake import RESOURCE

Document = dict[str, Any]
STARTED = "2026-11-23T13:26:49Z"


def pod(
    name: str, resource_id: str = "", *, state: Document | None = None, ready: bool = True, **extra: Any
) -> Document:
    """state: of its one container; extra: restarts, last_state, ip, annotations, phase, uid, conditions."""
    status: Document = {"name": "main", "image": "redis:8", "ready": ready, "restartCount": extra.get("restarts", 0)}
    status["state"] = state or {"running": {"startedAt": STARTED}}
    status["lastState"] = extra.get("last_state", {})
    conditions = [
        {"type": "PodScheduled", "status": "True", "lastTransitionTime": STARTED},
        {"type": "Ready", "status": "True" if ready else "False", "lastTransitionTime": STARTED},
    ]
    return {
        "metadata": {
            "name": name,
            "namespace": "shop-dev",
            "uid": extra.get("uid", f"uid-{name}"),
            "labels": {RESOURCE: resource_id} if resource_id else {},
            "annotations": extra.get("annotations", {}),
            "creationTimestamp": STARTED,
            "ownerReferences": [{"kind": "StatefulSet", "name": "db", "uid": "uid-db", "controller": True}],
        },
        "spec": {"nodeName": "node1"},
        "status": {
            "phase": extra.get("phase", "Running"),
            "podIP": extra.get("ip", "127.0.0.1"),
            "startTime": STARTED,
            "conditions": extra.get("conditions", conditions),
            "containerStatuses": extra.get("statuses", [status]),
        },
    }


def workload(name: str, resource_id: str, *, replicas: int = 1, ready: int = 1, generation: int = 1) -> Document:
    return {
        "metadata": {
            "name": name,
            "namespace": "shop-dev",
            "uid": f"uid-{name}",
            "generation": generation,
            "labels": {RESOURCE: resource_id},
        },
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app.kubernetes.io/name": name}}},
        "status": {
            "observedGeneration": generation,
            "replicas": replicas,
            "readyReplicas": ready,
            "updatedReplicas": replicas,
        },
    }


def warning(about: str, reason: str, message: str, *, kind: str = "Pod", at: str = STARTED) -> Document:
    return {
        "metadata": {"name": f"{about}.{reason}", "namespace": "shop-dev", "creationTimestamp": at},
        "involvedObject": {"kind": kind, "namespace": "shop-dev", "name": about, "uid": f"uid-{about}"},
        "reason": reason,
        "message": message,
        "type": "Warning",
        "count": 3,
        "lastTimestamp": at,
    }
