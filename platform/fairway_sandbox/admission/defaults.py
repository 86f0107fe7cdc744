"""Defaults by kind, as a real API server fills them in."""

import base64
from collections.abc import Callable

from fairway_sandbox.admission.pods import default, fill_pod, fill_template
from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json


def fill(kind: Kind, obj: Json, old: Json | None = None) -> None:
    if kind.kind == "Pod" and obj.get("spec") is not None:
        fill_pod(obj, new=old is None)
        return
    filler = FILLERS.get(kind.kind)
    if filler is not None and (obj.get("spec") is not None or kind.kind in ("Namespace", "Secret")):
        filler(obj)


def _template(spec: Json) -> None:
    template = spec.get("template")
    if isinstance(template, dict):
        default(template, "metadata", {})
        if template.get("spec") is not None:
            fill_template(template["spec"])


def _deployment(obj: Json) -> None:
    spec = obj["spec"]
    default(spec, "replicas", 1)
    _template(spec)
    strategy = default(spec, "strategy", {})
    if default(strategy, "type", "RollingUpdate") == "RollingUpdate":
        rolling = default(strategy, "rollingUpdate", {})
        default(rolling, "maxUnavailable", "25%")
        default(rolling, "maxSurge", "25%")
    default(spec, "revisionHistoryLimit", 10)
    default(spec, "progressDeadlineSeconds", 600)
    default(obj, "status", {})


def _replica_set(obj: Json) -> None:
    default(obj["spec"], "replicas", 1)
    _template(obj["spec"])
    default(obj, "status", {"replicas": 0})


def _stateful_set(obj: Json) -> None:
    spec = obj["spec"]
    default(spec, "replicas", 1)
    _template(spec)
    default(spec, "podManagementPolicy", "OrderedReady")
    default(spec, "revisionHistoryLimit", 10)
    update = default(spec, "updateStrategy", {})
    if default(update, "type", "RollingUpdate") == "RollingUpdate":
        default(default(update, "rollingUpdate", {}), "partition", 0)
    default(spec, "persistentVolumeClaimRetentionPolicy", {"whenDeleted": "Retain", "whenScaled": "Retain"})
    for claim in spec.get("volumeClaimTemplates") or []:
        default(claim, "apiVersion", "v1")
        default(claim, "kind", "PersistentVolumeClaim")
        default(default(claim, "spec", {}), "volumeMode", "Filesystem")
        default(claim, "status", {"phase": "Pending"})
    default(obj, "status", {"replicas": 0, "availableReplicas": 0})


def _daemon_set(obj: Json) -> None:
    _template(obj["spec"])
    default(default(obj["spec"], "updateStrategy", {}), "type", "RollingUpdate")
    default(obj["spec"], "revisionHistoryLimit", 10)
    default(obj, "status", {})


def _service(obj: Json) -> None:
    spec = obj["spec"]
    fields: Json = {"type": "ClusterIP", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster"}
    fields |= {"ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv4"]}
    for name, value in fields.items():
        default(spec, name, value)
    for port in spec.get("ports") or []:
        default(port, "protocol", "TCP")
        default(port, "targetPort", port.get("port"))
    default(obj, "status", {"loadBalancer": {}})


def _job(obj: Json) -> None:
    spec, meta = obj["spec"], obj["metadata"]
    fields: Json = {"parallelism": 1, "completions": 1, "backoffLimit": 6, "completionMode": "NonIndexed"}
    fields |= {"suspend": False, "podReplacementPolicy": "TerminatingOrFailed", "manualSelector": False}
    for name, value in fields.items():
        default(spec, name, value)
    _template(spec)
    if not spec.get("selector") and meta.get("uid"):
        own = {"batch.kubernetes.io/controller-uid": meta["uid"]}
        spec["selector"] = {"matchLabels": own}
        named = {"batch.kubernetes.io/job-name": meta["name"], "job-name": meta["name"], "controller-uid": meta["uid"]}
        labels = default(spec["template"]["metadata"], "labels", {})
        labels.update({**own, **named})


def _cron_job(obj: Json) -> None:
    for name, value in (("concurrencyPolicy", "Allow"), ("suspend", False)):
        default(obj["spec"], name, value)
    default(obj["spec"], "successfulJobsHistoryLimit", 3)
    default(obj["spec"], "failedJobsHistoryLimit", 1)
    default(obj, "status", {})


def _claim(obj: Json) -> None:
    default(obj["spec"], "volumeMode", "Filesystem")
    default(obj["spec"], "storageClassName", "standard")
    default(obj, "status", {"phase": "Pending"})


def _namespace(obj: Json) -> None:
    default(default(obj, "spec", {}), "finalizers", ["kubernetes"])
    default(default(obj, "status", {}), "phase", "Active")
    default(obj["metadata"], "labels", {})["kubernetes.io/metadata.name"] = obj["metadata"].get("name", "")


def _secret(obj: Json) -> None:
    default(obj, "type", "Opaque")
    clear = obj.pop("stringData", None)
    if clear:
        encoded = {name: base64.b64encode(text.encode()).decode() for name, text in clear.items()}
        obj["data"] = {**(obj.get("data") or {}), **encoded}


FILLERS: dict[str, Callable[[Json], None]] = {
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Service": _service,
    "Job": _job,
    "CronJob": _cron_job,
    "PersistentVolumeClaim": _claim,
    "Namespace": _namespace,
    "Secret": _secret,
}
