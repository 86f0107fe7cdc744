"""What the server adds to an object of its own accord: the writer does not own it, unlike the defaults."""

from collections.abc import Callable

from fairway_sandbox.admission.networks import OUTSIDE
from fairway_sandbox.admission.pods import containers, default
from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json, name_suffix

ACCOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
TOLERATED = ("not-ready", "unreachable")
NOTHING_YET: dict[str, Json] = {
    "Deployment": {},
    "ReplicaSet": {"replicas": 0},
    "StatefulSet": {"replicas": 0, "availableReplicas": 0},
    "DaemonSet": dict.fromkeys(
        ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"), 0
    ),
    "Service": {"loadBalancer": {}},
    "Job": {},
    "CronJob": {},
    "PersistentVolumeClaim": {"phase": "Pending"},
    "PersistentVolume": {"phase": "Pending"},
    "PodDisruptionBudget": dict.fromkeys(("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"), 0),
    "Namespace": {"phase": "Active"},
}


def complete(kind: Kind, obj: Json, old: Json | None = None) -> None:
    """old: what it replaces; a new object also gets a status that knows nothing yet."""
    completer = COMPLETERS.get(kind.kind)
    if completer is not None and (obj.get("spec") is not None or kind.kind == "Namespace"):
        completer(obj, old)
    if kind.kind in NOTHING_YET and old is None:
        default(obj, "status", dict(NOTHING_YET[kind.kind]))


def _pod(obj: Json, old: Json | None) -> None:
    spec = obj["spec"]
    default(spec, "serviceAccountName", "default")
    default(spec, "serviceAccount", spec["serviceAccountName"])
    default(spec, "preemptionPolicy", "PreemptLowerPriority")
    default(spec, "priority", 0)
    forever: Json = {"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    default(spec, "tolerations", [{"key": f"node.kubernetes.io/{k}", **forever} for k in TOLERATED])
    mounted = any(v.get("name", "").startswith("kube-api-access-") for v in spec.get("volumes") or [])
    if old is None and spec.get("automountServiceAccountToken") is not False and not mounted:
        _mount_account(spec)
    status = default(obj, "status", {})
    default(status, "phase", "Pending")
    default(status, "qosClass", quality(spec))


def _mount_account(spec: Json) -> None:
    """The service account's volume, as admission adds it: clients expect it in every pod."""
    name = f"kube-api-access-{name_suffix()}"
    namespace = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    sources: list[Json] = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [namespace]}},
    ]
    volume = {"name": name, "projected": {"defaultMode": 420, "sources": sources}}
    spec["volumes"] = [*(spec.get("volumes") or []), volume]
    for container in containers(spec):
        mount = {"name": name, "readOnly": True, "mountPath": ACCOUNT_PATH}
        container["volumeMounts"] = [*(container.get("volumeMounts") or []), mount]


def quality(spec: Json) -> str:
    """The pod's quality of service class."""
    figures = [c.get("resources") or {} for c in spec.get("containers") or []]
    if not any(f.get("requests") or f.get("limits") for f in figures):
        return "BestEffort"
    full = all({"cpu", "memory"} <= set(f.get("limits") or ()) for f in figures)
    return "Guaranteed" if full and all(f.get("requests") == f["limits"] for f in figures) else "Burstable"


def _job(obj: Json, old: Json | None) -> None:
    spec, meta = obj["spec"], obj["metadata"]
    if spec.get("selector") or not meta.get("uid") or spec.get("manualSelector"):
        return
    own = {"batch.kubernetes.io/controller-uid": meta["uid"]}
    spec["selector"] = {"matchLabels": own}
    named = {"batch.kubernetes.io/job-name": meta["name"], "job-name": meta["name"], "controller-uid": meta["uid"]}
    for labelled in (meta, default(default(spec, "template", {}), "metadata", {})):
        labelled["labels"] = {**(labelled.get("labels") or {}), **own, **named}


def _service(obj: Json, old: Json | None) -> None:
    spec = obj["spec"]
    if old:
        _drop_dependent(spec, old["spec"])
    if spec.get("type") != "ExternalName":
        default(spec, "ipFamilyPolicy", "SingleStack")
        default(spec, "ipFamilies", ["IPv4"])


def _drop_dependent(spec: Json, before: Json) -> None:
    """What only the type that it had needs, unless the writer just set it."""
    gone: list[str] = []
    if before.get("type") in OUTSIDE and spec.get("type") not in OUTSIDE:
        gone += ("externalTrafficPolicy", "allocateLoadBalancerNodePorts")
        held = {port.get("nodePort") for port in before.get("ports") or []}
        for port in spec.get("ports") or []:
            if port.get("nodePort") in held:
                port.pop("nodePort", None)
    if before.get("type") != "ExternalName" and spec.get("type") == "ExternalName":
        gone += ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy")
    for name in gone:
        if spec.get(name) == before.get(name):
            spec.pop(name, None)


def _claim(obj: Json, old: Json | None) -> None:
    default(obj["spec"], "storageClassName", "standard")


def _namespace(obj: Json, old: Json | None) -> None:
    default(default(obj, "spec", {}), "finalizers", ["kubernetes"])


COMPLETERS: dict[str, Callable[[Json, Json | None], None]] = {
    "Pod": _pod,
    "Job": _job,
    "Service": _service,
    "PersistentVolumeClaim": _claim,
    "Namespace": _namespace,
}
