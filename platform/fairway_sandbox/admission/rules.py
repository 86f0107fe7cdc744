"""Rules that the schema cannot say; every broken one is told at once."""

import re
from collections.abc import Callable, Iterator

from fairway_sandbox import selectors
from fairway_sandbox.admission import finalizers
from fairway_sandbox.errors import invalid
from fairway_sandbox.kinds import RBAC, Kind
from fairway_sandbox.objects import Json, dig

Cause = tuple[str, str]
SUBDOMAIN = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
LABEL = re.compile(r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$")
LABEL_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
    "and end with an alphanumeric character"
)
NAME = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
SET_MUTABLE = {
    *("replicas", "ordinals", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy"),
    *("minReadySeconds", "revisionHistoryLimit"),
}
SET_FORBIDDEN = (
    "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
    "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are "
    "forbidden"
)
POD_MUTABLE = {"activeDeadlineSeconds", "tolerations", "nodeName", "terminationGracePeriodSeconds"}
POD_FORBIDDEN = (
    "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "
    "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


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
    name = obj["metadata"].get("name", "")
    if kind.group != RBAC and (len(name) > 253 or not SUBDOMAIN.match(name)):
        yield "metadata.name", f'Invalid value: "{name}": {NAME}'
    for value in (obj["metadata"].get("labels") or {}).values():
        if len(value) > 63:
            yield "metadata.labels", f'Invalid value: "{value}": must be no more than 63 bytes'
        elif not LABEL.match(value):
            yield (
                "metadata.labels",
                f'Invalid value: "{value}": a valid label must be an empty string or consist of '
                + ("alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"),
            )


def _containers(spec: Json, path: str) -> Iterator[Cause]:
    found = spec.get("containers")
    if not found:
        yield f"{path}.containers", "Required value"
    for at, container in enumerate(found or []):
        if not container.get("name"):
            yield f"{path}.containers[{at}].name", "Required value"
        if not container.get("image"):
            yield f"{path}.containers[{at}].image", "Required value"


def _workload(obj: Json, old: Json | None) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    selector = spec.get("selector")
    labels = dig(spec, "template.metadata.labels", {})
    if not selector:
        yield "spec.selector", "Required value"
    elif not selectors.selects(selectors.of_object(selector), labels):
        yield "spec.template.metadata.labels", f"Invalid value: {labels}: `selector` does not match template `labels`"
    if (spec.get("replicas") or 0) < 0:
        yield "spec.replicas", f"Invalid value: {spec['replicas']}: must be greater than or equal to 0"
    if old and dig(old, "spec.selector") != selector:
        yield "spec.selector", f"Invalid value: {selector}: field is immutable"
    yield from _containers(dig(spec, "template.spec", {}), "spec.template.spec")


def _stateful_set(obj: Json, old: Json | None) -> Iterator[Cause]:
    yield from _workload(obj, None)
    if old and _fixed(obj["spec"], SET_MUTABLE) != _fixed(old["spec"], SET_MUTABLE):
        yield "spec", SET_FORBIDDEN


def _fixed(spec: Json, mutable: set[str]) -> Json:
    return {k: v for k, v in spec.items() if k not in mutable}


def _pod(obj: Json, old: Json | None) -> Iterator[Cause]:
    yield from _containers(obj.get("spec") or {}, "spec")
    if old and _fixed_pod(obj) != _fixed_pod(old):
        yield "spec", POD_FORBIDDEN


def _fixed_pod(pod: Json) -> Json:
    spec = _fixed(pod.get("spec") or {}, POD_MUTABLE)
    spec["containers"] = [_fixed(c, {"image", "resources"}) for c in spec.get("containers") or []]
    return spec


def _service(obj: Json, old: Json | None) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    if not spec.get("ports") and spec.get("clusterIP") != "None" and spec.get("type") != "ExternalName":
        yield "spec.ports", "Required value"
    before = dig(old, "spec.clusterIP")
    if before and spec.get("clusterIP") != before:
        yield "spec.clusterIPs[0]", f'Invalid value: ["{spec.get("clusterIP")}"]: may not change once set'


def _data(obj: Json, old: Json | None) -> Iterator[Cause]:
    if old and old.get("immutable") and obj.get("data") != old.get("data"):
        yield "data", "Forbidden: field is immutable when `immutable` is set"
    if old and old.get("type") and obj.get("type") != old["type"]:
        yield "type", f'Invalid value: "{obj.get("type")}": field is immutable'


def _job(obj: Json, old: Json | None) -> Iterator[Cause]:
    yield from _containers(dig(obj, "spec.template.spec", {}), "spec.template.spec")
    if dig(obj, "spec.template.spec.restartPolicy") not in ("Never", "OnFailure"):
        yield "spec.template.spec.restartPolicy", 'Required value: valid values: "OnFailure", "Never"'


RULES: dict[str, Callable[[Json, Json | None], Iterator[Cause]]] = {
    "Deployment": _workload,
    "ReplicaSet": _workload,
    "DaemonSet": _workload,
    "StatefulSet": _stateful_set,
    "Pod": _pod,
    "Service": _service,
    "Secret": _data,
    "ConfigMap": _data,
    "Job": _job,
}
