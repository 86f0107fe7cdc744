"""Defaults of pods and of the templates that make them."""

from typing import Any

from fairway_sandbox.objects import Json, name_suffix

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
ACCOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
TOLERATED = ("not-ready", "unreachable")


def default(obj: Json, name: str, value: Any) -> Any:
    """Set a field that is absent or null, and answer what it then holds."""
    if obj.get(name) is None:
        obj[name] = value
    return obj[name]


def containers(spec: Json) -> list[Json]:
    both = [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]
    return [c for c in both if isinstance(c, dict)]


def fill_template(spec: Json) -> None:
    fields: Json = {"restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst"}
    fields |= {"schedulerName": "default-scheduler", "securityContext": {}}
    for name, value in fields.items():
        default(spec, name, value)
    if spec.get("serviceAccountName"):
        default(spec, "serviceAccount", spec["serviceAccountName"])
    for container in containers(spec):
        _fill_container(container)
    for volume in spec.get("volumes") or []:
        for source in ("secret", "configMap", "projected"):
            if volume.get(source) is not None:
                default(volume[source], "defaultMode", 420)
        if len(volume) == 1:
            volume["emptyDir"] = {}


def _fill_container(container: Json) -> None:
    tag = (container.get("image") or "").rsplit("/", 1)[-1]
    newest = (":" not in tag and "@" not in tag) or tag.endswith(":latest")
    default(container, "imagePullPolicy", "Always" if newest else "IfNotPresent")
    default(container, "terminationMessagePath", "/dev/termination-log")
    default(container, "terminationMessagePolicy", "File")
    resources = default(container, "resources", {})
    if resources.get("limits"):
        requests = default(resources, "requests", {})
        resources["requests"] = {**resources["limits"], **requests}
    for port in container.get("ports") or []:
        default(port, "protocol", "TCP")
    for name in PROBES:
        if container.get(name):
            _fill_probe(container[name])
    for variable in container.get("env") or []:
        field = (variable.get("valueFrom") or {}).get("fieldRef")
        if field:
            default(field, "apiVersion", "v1")


def _fill_probe(probe: Json) -> None:
    for name, value in (("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)):
        default(probe, name, value)
    if probe.get("httpGet"):
        default(probe["httpGet"], "scheme", "HTTP")
        default(probe["httpGet"], "path", "/")


def fill_pod(obj: Json, *, new: bool) -> None:
    spec = obj["spec"]
    fill_template(spec)
    default(spec, "enableServiceLinks", True)
    default(spec, "serviceAccountName", "default")
    default(spec, "serviceAccount", spec["serviceAccountName"])
    default(spec, "preemptionPolicy", "PreemptLowerPriority")
    default(spec, "priority", 0)
    forever: Json = {"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    default(spec, "tolerations", [{"key": f"node.kubernetes.io/{k}", **forever} for k in TOLERATED])
    mounted = any(v.get("name", "").startswith("kube-api-access-") for v in spec.get("volumes") or [])
    if new and spec.get("automountServiceAccountToken") is not False and not mounted:
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
