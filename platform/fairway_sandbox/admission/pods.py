"""Defaults of pods and of the templates that make them."""

from typing import Any

from fairway_sandbox.objects import Json, dig

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
FILES = ("secret", "configMap", "projected", "downwardAPI")


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
        for port in container.get("ports") or [] if spec.get("hostNetwork") else []:
            default(port, "hostPort", port.get("containerPort"))
    for volume in spec.get("volumes") or []:
        _fill_volume(volume)


def _fill_volume(volume: Json) -> None:
    for source in FILES:
        if volume.get(source) is not None:
            default(volume[source], "defaultMode", 420)
    if volume.get("hostPath") is not None:
        default(volume["hostPath"], "type", "")
    items = [*(dig(volume, "downwardAPI.items", []))]
    for source in dig(volume, "projected.sources", []):
        items += dig(source, "downwardAPI.items", [])
        if source.get("serviceAccountToken") is not None:
            default(source["serviceAccountToken"], "expirationSeconds", 3600)
    for item in items:
        if item.get("fieldRef"):
            default(item["fieldRef"], "apiVersion", "v1")
    if len(volume) == 1:
        volume["emptyDir"] = {}


def _fill_container(container: Json) -> None:
    tag = (container.get("image") or "").rsplit("/", 1)[-1]
    newest = (":" not in tag and "@" not in tag) or tag.endswith(":latest")
    default(container, "imagePullPolicy", "Always" if newest else "IfNotPresent")
    default(container, "terminationMessagePath", "/dev/termination-log")
    default(container, "terminationMessagePolicy", "File")
    default(container, "resources", {})
    for port in container.get("ports") or []:
        default(port, "protocol", "TCP")
    for name in PROBES:
        if container.get(name):
            _fill_probe(container[name])
    for handler in (container.get("lifecycle") or {}).values():
        _fill_handler(handler)
    for variable in container.get("env") or []:
        field = (variable.get("valueFrom") or {}).get("fieldRef")
        if field:
            default(field, "apiVersion", "v1")


def _fill_probe(probe: Json) -> None:
    for name, value in (("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)):
        default(probe, name, value)
    _fill_handler(probe)


def _fill_handler(handler: Any) -> None:
    if isinstance(handler, dict) and handler.get("httpGet"):
        default(handler["httpGet"], "scheme", "HTTP")
        default(handler["httpGet"], "path", "/")


def fill_pod(obj: Json) -> None:
    spec = obj["spec"]
    fill_template(spec)
    default(spec, "enableServiceLinks", True)
    for container in containers(spec):
        resources = container["resources"]
        if resources.get("limits"):
            resources["requests"] = {**resources["limits"], **(resources.get("requests") or {})}
