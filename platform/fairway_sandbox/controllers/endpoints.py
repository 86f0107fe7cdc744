"""Which pods a Service reaches: its Endpoints and EndpointSlice."""

from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.objects import Json, dig, evolved, is_ready

ENDPOINTS, SLICES = "endpoints", "endpointslices.discovery.k8s.io"
MANAGED_BY = "endpointslice-controller.k8s.io"


def reconcile(hub: Hub, namespace: str | None, name: str, obj: Json | None) -> None:
    assert namespace is not None
    if obj is None:
        hub.store.remove(ENDPOINTS, namespace, name)
        return
    selector = obj["spec"].get("selector")
    if not selector:
        return
    pods = [p for p in hub.pods_selected(namespace, selector) if _reachable(p)]
    pods.sort(key=lambda p: str(p["metadata"]["name"]))
    ports = _ports(obj, pods)
    labels = dict(obj["metadata"].get("labels") or {})
    _put(hub, ENDPOINTS, namespace, {"name": name, "labels": labels}, {"subsets": _subsets(obj, pods, ports)})
    slice_labels = {**labels, "kubernetes.io/service-name": name, "endpointslice.kubernetes.io/managed-by": MANAGED_BY}
    meta: Json = {"name": f"{name}-slice", "labels": slice_labels, "ownerReferences": [hub.reference("services", obj)]}
    body = {"addressType": "IPv4", "endpoints": [_endpoint(obj, p) for p in pods]}
    _put(hub, SLICES, namespace, meta, {**body, "ports": [{"name": "", **p} for p in ports]})


def _reachable(pod: Json) -> bool:
    return bool(dig(pod, "status.podIP")) and dig(pod, "status.phase") not in ("Succeeded", "Failed")


def _serves(service: Json, pod: Json) -> bool:
    return is_ready(pod) or bool(service["spec"].get("publishNotReadyAddresses"))


def _ports(service: Json, pods: list[Json]) -> list[Json]:
    found = []
    for port in service["spec"].get("ports") or []:
        target = _target(port.get("targetPort", port["port"]), pods)
        if target:
            name = {"name": port["name"]} if port.get("name") else {}
            found.append({**name, "port": target, "protocol": port.get("protocol", "TCP")})
    return found


def _target(port: int | str, pods: list[Json]) -> int | None:
    """The number of a port that may be told by name."""
    if isinstance(port, int) or port.isdigit():
        return int(port)
    for pod in pods:
        for container in pod["spec"]["containers"]:
            for named in container.get("ports") or []:
                if named.get("name") == port:
                    return int(named["containerPort"])
    return None


def _pointer(pod: Json) -> Json:
    meta = pod["metadata"]
    return {"kind": "Pod", "namespace": meta["namespace"], "name": meta["name"], "uid": meta["uid"]}


def _hostname(service: Json, pod: Json) -> Json:
    named = pod["spec"].get("hostname") and pod["spec"].get("subdomain") == service["metadata"]["name"]
    return {"hostname": pod["spec"]["hostname"]} if named else {}


def _subsets(service: Json, pods: list[Json], ports: list[Json]) -> list[Json]:
    sides: dict[str, list[Json]] = {"addresses": [], "notReadyAddresses": []}
    for pod in pods:
        if not pod["metadata"].get("deletionTimestamp"):
            side = "addresses" if _serves(service, pod) else "notReadyAddresses"
            address = {"ip": pod["status"]["podIP"], "nodeName": pod["spec"].get("nodeName")}
            sides[side].append({**address, "targetRef": _pointer(pod), **_hostname(service, pod)})
    subset: Json = {side: found for side, found in sides.items() if found}
    return [{**subset, **({"ports": ports} if ports else {})}] if subset else []


def _endpoint(service: Json, pod: Json) -> Json:
    ending = bool(pod["metadata"].get("deletionTimestamp"))
    serving = _serves(service, pod)
    conditions = {"ready": serving and not ending, "serving": serving, "terminating": ending}
    made: Json = {"addresses": [pod["status"]["podIP"]], "conditions": conditions, "targetRef": _pointer(pod)}
    return {**made, "nodeName": pod["spec"].get("nodeName"), **_hostname(service, pod)}


def _put(hub: Hub, key: str, namespace: str, meta: Json, body: Json) -> None:
    current = hub.store.object(key, namespace, meta["name"])
    if current is None:
        hub.registry.make(key, namespace, {"metadata": meta, **body})
    elif any(current.get(k) != v for k, v in body.items()):
        hub.store.put(key, evolved(current, **body))
