"""Which changes the API server refuses, so that the object must be replaced."""

from fairway_stacks.embedded import paths
from fairway_stacks.embedded.paths import Path

EVERYWHERE = ("apiVersion", "kind", "metadata.name", "metadata.namespace")
BY_KIND: dict[str, tuple[str, ...]] = {
    "ClusterRoleBinding": ("roleRef",),
    "ConfigMap": ("data", "binaryData"),
    "DaemonSet": ("spec.selector",),
    "Deployment": ("spec.selector",),
    "Job": ("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
    "PersistentVolumeClaim": (
        "spec.accessModes",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeName",
    ),
    "Pod": ("spec",),
    "ResourceQuota": ("spec.scopes",),
    "RoleBinding": ("roleRef",),
    "Secret": ("data", "stringData", "type"),
    "Service": ("spec.clusterIP",),
    "StatefulSet": (
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    "StorageClass": ("parameters", "provisioner"),
}
# An API version may change without another object; a group or kind may not.
_MOVES = ("apiVersion",)


def replacing(kind: str) -> list[Path]:
    return [paths.parse(one) for one in (*EVERYWHERE, *BY_KIND.get(kind, ())) if one not in _MOVES]
