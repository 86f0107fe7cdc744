"""Where objects of a kind lie in the API."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fairway_stacks.embedded.kubernetes.connection import Connection
from fairway_stacks.embedded.kubernetes.errors import ApiError

CLUSTER_WIDE = {
    "Namespace": "namespaces",
    "PersistentVolume": "persistentvolumes",
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
    "StorageClass": "storageclasses",
    "PriorityClass": "priorityclasses",
    "CustomResourceDefinition": "customresourcedefinitions",
}
NAMESPACED = {
    "ConfigMap": "configmaps",
    "CronJob": "cronjobs",
    "DaemonSet": "daemonsets",
    "Deployment": "deployments",
    "HorizontalPodAutoscaler": "horizontalpodautoscalers",
    "Ingress": "ingresses",
    "Job": "jobs",
    "LimitRange": "limitranges",
    "NetworkPolicy": "networkpolicies",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "Pod": "pods",
    "PodDisruptionBudget": "poddisruptionbudgets",
    "ReplicaSet": "replicasets",
    "ResourceQuota": "resourcequotas",
    "Role": "roles",
    "RoleBinding": "rolebindings",
    "Secret": "secrets",
    "Service": "services",
    "ServiceAccount": "serviceaccounts",
    "StatefulSet": "statefulsets",
}


@dataclass(frozen=True)
class Place:
    """One object's address."""

    api_version: str
    kind: str
    namespace: str
    name: str
    plural: str

    @property
    def collection(self) -> str:
        root = f"/api/{self.api_version}" if "/" not in self.api_version else f"/apis/{self.api_version}"
        return f"{root}/namespaces/{self.namespace}/{self.plural}" if self.namespace else f"{root}/{self.plural}"

    @property
    def path(self) -> str:
        return f"{self.collection}/{self.name}"

    @property
    def id(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class Kinds:
    """Knows the usual kinds, and asks the cluster about others."""

    def __init__(self, connection: Connection, default_namespace: str = "default") -> None:
        self._connection, self._default = connection, default_namespace
        self._lock = threading.Lock()
        self._found: dict[tuple[str, str], tuple[str, bool]] = {}

    def place(self, document: Mapping[str, Any]) -> Place:
        """document: at least apiVersion, kind and metadata.name."""
        metadata = document.get("metadata") or {}
        return self.at(document["apiVersion"], document["kind"], metadata.get("namespace", ""), metadata["name"])

    def at(self, api_version: str, kind: str, namespace: str, name: str) -> Place:
        plural, namespaced = self._look_up(api_version, kind)
        return Place(api_version, kind, (namespace or self._default) if namespaced else "", name, plural)

    def _look_up(self, api_version: str, kind: str) -> tuple[str, bool]:
        if kind in CLUSTER_WIDE:
            return CLUSTER_WIDE[kind], False
        if kind in NAMESPACED:
            return NAMESPACED[kind], True
        with self._lock:
            known = self._found.get((api_version, kind))
        return known or self._discover(api_version, kind)

    def _discover(self, api_version: str, kind: str) -> tuple[str, bool]:
        root = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
        for one in self._connection.ask("GET", root).get("resources", []):
            if one["kind"] == kind and "/" not in one["name"]:
                found = (str(one["name"]), bool(one["namespaced"]))
                with self._lock:
                    self._found[api_version, kind] = found
                return found
        raise ApiError(404, {"message": f'no matches for kind "{kind}" in version "{api_version}"'})
