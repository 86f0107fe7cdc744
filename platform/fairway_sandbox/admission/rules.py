"""Rules that the schema cannot say; every broken one is told at once."""

from collections.abc import Callable, Iterator

from fairway_sandbox.admission import batch, finalizers, kept, words, workloads
from fairway_sandbox.admission.networks import OUTSIDE
from fairway_sandbox.admission.words import Cause, invalid_value
from fairway_sandbox.errors import invalid
from fairway_sandbox.kinds import RBAC, Kind
from fairway_sandbox.objects import Json, dig

TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
NODE_PORTS = range(30000, 32768)
OUT_OF_RANGE = "provided port is not in the valid range. The range of valid ports is 30000-32767"
FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")
NOT_QUALIFIED = "name is neither a standard finalizer name nor is it fully qualified"
NAMES = {"Service": words.SERVICE, "Namespace": words.LABEL}


def check(kind: Kind, obj: Json, old: Json | None = None) -> None:
    """Raises 422 with all that is wrong."""
    causes = [
        *_metadata(kind, obj),
        *finalizers.late(obj, old),
        *(RULES[kind.kind](obj, old) if kind.kind in RULES else ()),
    ]
    if causes:
        raise invalid(kind, obj["metadata"].get("name", ""), causes)


def _metadata(kind: Kind, obj: Json) -> Iterator[Cause]:
    meta = obj["metadata"]
    if kind.group != RBAC:
        own = NAMES.get(kind.kind)
        longest = words.LONGEST_LABEL if own else words.LONGEST_NAME
        yield from words.fits("metadata.name", meta.get("name", ""), own or words.SUBDOMAIN, longest)
    yield from words.labels("metadata.labels", meta.get("labels"))
    for key in meta.get("annotations") or ():
        yield from words.fits("metadata.annotations", key.rpartition("/")[2], words.QUALIFIED)
    for at, name in enumerate(meta.get("finalizers") or () if kind.definition is None else ()):
        if "/" not in name and name not in FINALIZERS:
            yield f"metadata.finalizers[{at}]", invalid_value(name, NOT_QUALIFIED)


def _service(obj: Json, old: Json | None) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    kind, ports = spec.get("type"), spec.get("ports") or []
    if not ports and spec.get("clusterIP") != "None" and kind != "ExternalName":
        yield "spec.ports", "Required value"
    for at, port in enumerate(ports):
        yield from _service_port(port, f"spec.ports[{at}]", kind, alone=len(ports) == 1)
    yield from words.one_of("spec.type", kind, TYPES)
    if kind == "ExternalName" and not spec.get("externalName"):
        yield "spec.externalName", "Required value"
    before, given = dig(old, "spec.clusterIP"), spec.get("clusterIP")
    if before and given and given != before and kind != "ExternalName":
        yield "spec.clusterIPs[0]", invalid_value([given], "may not change once set")


def _service_port(port: Json, path: str, kind: str | None, *, alone: bool) -> Iterator[Cause]:
    if not port.get("name") and not alone:
        yield f"{path}.name", "Required value"
    yield from words.port(f"{path}.port", port.get("port") or 0)
    yield from words.port(f"{path}.targetPort", port.get("targetPort"))
    node_port = port.get("nodePort")
    if node_port and kind == "ClusterIP":
        yield f"{path}.nodePort", "Forbidden: may not be used when `type` is 'ClusterIP'"
    elif node_port and kind in OUTSIDE and node_port not in NODE_PORTS:
        yield f"{path}.nodePort", invalid_value(node_port, OUT_OF_RANGE)


def _scaler(obj: Json, old: Json | None) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    most, least = spec.get("maxReplicas") or 0, spec.get("minReplicas") or 1
    if most < 1:
        yield "spec.maxReplicas", invalid_value(most, "must be greater than 0")
    elif most < least:
        yield "spec.maxReplicas", invalid_value(most, "must be greater than or equal to `minReplicas`")


def _budget(obj: Json, old: Json | None) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        yield "spec", invalid_value(spec, "minAvailable and maxUnavailable cannot be both set")


def _binding(obj: Json, old: Json | None) -> Iterator[Cause]:
    if old and obj.get("roleRef") != old.get("roleRef"):
        yield "roleRef", invalid_value(obj.get("roleRef"), "cannot change roleRef")


RULES: dict[str, Callable[[Json, Json | None], Iterator[Cause]]] = {
    "Deployment": workloads.deployment,
    "ReplicaSet": workloads.workload,
    "DaemonSet": workloads.workload,
    "StatefulSet": workloads.stateful_set,
    "Pod": workloads.pod,
    "Job": batch.job,
    "CronJob": batch.cron_job,
    "Service": _service,
    "Secret": kept.secret,
    "ConfigMap": kept.config_map,
    "PersistentVolumeClaim": kept.claim,
    "HorizontalPodAutoscaler": _scaler,
    "PodDisruptionBudget": _budget,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
}
