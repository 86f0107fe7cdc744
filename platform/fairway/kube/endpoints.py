"""Which pods answer on a resource's port, as its Service has it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from fairway.kube import errors, kinds
from fairway.kube.cluster import Cluster
from fairway.kube.values import Document

SERVICE_NAME = "kubernetes.io/service-name"


@dataclass(frozen=True)
class Endpoint:
    """port: the pod's own, which a Service may have under another number."""

    pod: str
    port: int


def choose(cluster: Cluster, namespace: str, labels: str, port: int) -> Endpoint:
    """Any ready one behind this port of the Service with these labels. Raises ObjectNotFound, ClusterUnreachable."""
    service, name = _service(cluster, namespace, labels, port)
    slices = cluster.list(kinds.ENDPOINT_SLICE, namespace, f"{SERVICE_NAME}={service}").items
    found = [endpoint for one in slices for endpoint in _ready(one, name)]
    if not found:
        raise errors.ClusterUnreachable(f"No pod behind {service} is ready", hint="`fairway events` may tell why.")
    return random.choice(found)


def _service(cluster: Cluster, namespace: str, labels: str, port: int) -> tuple[str, str]:
    """Its name, and its port's, which may be empty where there is but one."""
    for service in cluster.list(kinds.SERVICE, namespace, labels).items:
        for offered in service["spec"].get("ports") or []:
            if offered.get("port") == port:
                return service["metadata"]["name"], offered.get("name") or ""
    raise errors.ObjectNotFound(f"No Service in {namespace} has the port {port}", hint="`fairway refresh` compares.")


def _ready(slice: Document, name: str) -> Iterator[Endpoint]:
    ports = [p["port"] for p in slice.get("ports") or [] if (p.get("name") or "") == name and p.get("port")]
    for endpoint in slice.get("endpoints") or []:
        target = endpoint.get("targetRef") or {}
        if ports and target.get("kind") == "Pod" and (endpoint.get("conditions") or {}).get("ready"):
            yield Endpoint(target["name"], ports[0])
