"""Defaults by kind, as a real API server fills them in while it reads an object; the writer owns them."""

import base64
from collections.abc import Callable

from fairway_sandbox.admission.networks import network_policy, service
from fairway_sandbox.admission.pods import default, fill_pod, fill_template
from fairway_sandbox.kinds import RBAC, Kind
from fairway_sandbox.objects import Json

TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
WITHOUT_SPEC = ("Namespace", "Secret", "StorageClass", "RoleBinding", "ClusterRoleBinding")


def fill(kind: Kind, obj: Json, old: Json | None = None) -> None:
    """old: what the object replaces."""
    filler = FILLERS.get(kind.kind)
    if filler is not None and (obj.get("spec") is not None or kind.kind in WITHOUT_SPEC):
        filler(obj, old)


def _template(spec: Json) -> None:
    template = default(spec, "template", {})
    default(template, "metadata", {})
    fill_template(default(template, "spec", {}))


def _pod(obj: Json, old: Json | None) -> None:
    fill_pod(obj)


def _deployment(obj: Json, old: Json | None) -> None:
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


def _replica_set(obj: Json, old: Json | None) -> None:
    default(obj["spec"], "replicas", 1)
    _template(obj["spec"])


def _stateful_set(obj: Json, old: Json | None) -> None:
    spec = obj["spec"]
    default(spec, "replicas", 1)
    _template(spec)
    default(spec, "podManagementPolicy", "OrderedReady")
    default(spec, "revisionHistoryLimit", 10)
    update = default(spec, "updateStrategy", {})
    if default(update, "type", "RollingUpdate") == "RollingUpdate":
        default(default(update, "rollingUpdate", {}), "partition", 0)
    retention = default(spec, "persistentVolumeClaimRetentionPolicy", {})
    default(retention, "whenDeleted", "Retain")
    default(retention, "whenScaled", "Retain")
    for claim in spec.get("volumeClaimTemplates") or []:
        default(claim, "apiVersion", "v1")
        default(claim, "kind", "PersistentVolumeClaim")
        default(default(claim, "spec", {}), "volumeMode", "Filesystem")
        default(claim, "status", {"phase": "Pending"})


def _daemon_set(obj: Json, old: Json | None) -> None:
    spec = obj["spec"]
    _template(spec)
    update = default(spec, "updateStrategy", {})
    if default(update, "type", "RollingUpdate") == "RollingUpdate":
        rolling = default(update, "rollingUpdate", {})
        default(rolling, "maxUnavailable", 1)
        default(rolling, "maxSurge", 0)
    default(spec, "revisionHistoryLimit", 10)
    before = int(((old or {"metadata": {}})["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION) or 0)
    moved = old is None or old["spec"].get("template") != spec.get("template")
    default(obj["metadata"], "annotations", {})[TEMPLATE_GENERATION] = str(max(1, before + moved))


def _job(obj: Json, old: Json | None) -> None:
    spec = obj["spec"]
    if spec.get("parallelism") is None:
        default(spec, "completions", 1)
    fields: Json = {"parallelism": 1, "backoffLimit": 6, "completionMode": "NonIndexed", "suspend": False}
    fields["podReplacementPolicy"] = "Failed" if spec.get("podFailurePolicy") else "TerminatingOrFailed"
    fields["manualSelector"] = False
    for name, value in fields.items():
        default(spec, name, value)
    _template(spec)
    labels = spec["template"]["metadata"].get("labels")
    if labels and not obj["metadata"].get("labels"):
        obj["metadata"]["labels"] = dict(labels)


def _cron_job(obj: Json, old: Json | None) -> None:
    spec = obj["spec"]
    fields: Json = {"concurrencyPolicy": "Allow", "suspend": False}
    fields |= {"successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1}
    for name, value in fields.items():
        default(spec, name, value)
    job = default(spec, "jobTemplate", {})
    default(job, "metadata", {})
    _template(default(job, "spec", {}))


def _scaler(obj: Json, old: Json | None) -> None:
    default(obj["spec"], "minReplicas", 1)


def _claim(obj: Json, old: Json | None) -> None:
    default(obj["spec"], "volumeMode", "Filesystem")


def _volume(obj: Json, old: Json | None) -> None:
    default(obj["spec"], "persistentVolumeReclaimPolicy", "Retain")
    default(obj["spec"], "volumeMode", "Filesystem")


def _storage_class(obj: Json, old: Json | None) -> None:
    default(obj, "reclaimPolicy", "Delete")
    default(obj, "volumeBindingMode", "Immediate")


def _binding(obj: Json, old: Json | None) -> None:
    default(default(obj, "roleRef", {}), "apiGroup", RBAC)
    for subject in obj.get("subjects") or []:
        if subject.get("kind") in ("User", "Group"):
            default(subject, "apiGroup", RBAC)


def _namespace(obj: Json, old: Json | None) -> None:
    default(obj["metadata"], "labels", {})["kubernetes.io/metadata.name"] = obj["metadata"].get("name", "")


def _secret(obj: Json, old: Json | None) -> None:
    default(obj, "type", "Opaque")
    clear = obj.pop("stringData", None)
    if clear:
        encoded = {name: base64.b64encode(text.encode()).decode() for name, text in clear.items()}
        obj["data"] = {**(obj.get("data") or {}), **encoded}


FILLERS: dict[str, Callable[[Json, Json | None], None]] = {
    "Pod": _pod,
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Service": service,
    "NetworkPolicy": network_policy,
    "Job": _job,
    "CronJob": _cron_job,
    "HorizontalPodAutoscaler": _scaler,
    "PersistentVolumeClaim": _claim,
    "PersistentVolume": _volume,
    "StorageClass": _storage_class,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
    "Namespace": _namespace,
    "Secret": _secret,
}
