"""Every kind of object that the sandbox serves, and where it is found."""

from dataclasses import dataclass, field

from fairway_sandbox.objects import Json

VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
ALL = ("all",)
SINGLY = tuple(verb for verb in VERBS if verb != "deletecollection")
STATUS = ("status",)
SCALED = ("status", "scale")


@dataclass(frozen=True)
class Kind:
    group: str
    version: str
    kind: str
    plural: str
    short: tuple[str, ...] = ()
    namespaced: bool = True
    subresources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    singular_name: str = ""
    verbs: tuple[str, ...] = VERBS
    deprecated: str = ""
    definition: Json | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def singular(self) -> str:
        return self.singular_name or self.kind.lower()

    @property
    def prefix(self) -> str:
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"


POD_SUBRESOURCES = (
    "status",
    "log",
    "eviction",
    "binding",
    "exec",
    "attach",
    "portforward",
    "proxy",
)
ENDPOINTS = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"
RBAC = "rbac.authorization.k8s.io"

STORED = (
    Kind("", "v1", "Pod", "pods", ("po",), subresources=POD_SUBRESOURCES, categories=ALL),
    Kind("", "v1", "Service", "services", ("svc",), subresources=("status", "proxy"), categories=ALL),
    Kind("", "v1", "Endpoints", "endpoints", ("ep",), singular_name="endpoints", deprecated=ENDPOINTS),
    Kind("", "v1", "ConfigMap", "configmaps", ("cm",)),
    Kind("", "v1", "Secret", "secrets"),
    Kind("", "v1", "ServiceAccount", "serviceaccounts", ("sa",)),
    Kind("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", ("pvc",), subresources=STATUS),
    Kind("", "v1", "PersistentVolume", "persistentvolumes", ("pv",), namespaced=False, subresources=STATUS),
    Kind(
        "",
        "v1",
        "Namespace",
        "namespaces",
        ("ns",),
        namespaced=False,
        subresources=("status", "finalize"),
        verbs=SINGLY,
    ),
    Kind("", "v1", "Node", "nodes", ("no",), namespaced=False, subresources=STATUS),
    Kind("", "v1", "Event", "events", ("ev",)),
    Kind("", "v1", "LimitRange", "limitranges", ("limits",)),
    Kind("", "v1", "ResourceQuota", "resourcequotas", ("quota",), subresources=STATUS),
    Kind("apps", "v1", "Deployment", "deployments", ("deploy",), subresources=SCALED, categories=ALL),
    Kind("apps", "v1", "ReplicaSet", "replicasets", ("rs",), subresources=SCALED, categories=ALL),
    Kind("apps", "v1", "StatefulSet", "statefulsets", ("sts",), subresources=SCALED, categories=ALL),
    Kind("apps", "v1", "DaemonSet", "daemonsets", ("ds",), subresources=STATUS, categories=ALL),
    Kind("apps", "v1", "ControllerRevision", "controllerrevisions"),
    Kind("batch", "v1", "Job", "jobs", subresources=STATUS, categories=ALL),
    Kind("batch", "v1", "CronJob", "cronjobs", ("cj",), subresources=STATUS, categories=ALL),
    Kind(
        "autoscaling",
        "v2",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        ("hpa",),
        subresources=STATUS,
        categories=ALL,
    ),
    Kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", ("pdb",), subresources=STATUS),
    Kind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"),
    Kind("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", ("netpol",)),
    Kind("networking.k8s.io", "v1", "Ingress", "ingresses", ("ing",), subresources=STATUS),
    Kind(RBAC, "v1", "Role", "roles"),
    Kind(RBAC, "v1", "RoleBinding", "rolebindings"),
    Kind(RBAC, "v1", "ClusterRole", "clusterroles", namespaced=False),
    Kind(RBAC, "v1", "ClusterRoleBinding", "clusterrolebindings", namespaced=False),
    Kind("storage.k8s.io", "v1", "StorageClass", "storageclasses", ("sc",), namespaced=False),
    Kind("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", ("pc",), namespaced=False),
    Kind("coordination.k8s.io", "v1", "Lease", "leases"),
    Kind(
        "apiextensions.k8s.io",
        "v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        ("crd", "crds"),
        namespaced=False,
        subresources=STATUS,
    ),
)

READ, ASK = ("get", "list"), ("create",)
AUTHORIZATION = "authorization.k8s.io"

COMPUTED = (
    Kind("metrics.k8s.io", "v1beta1", "PodMetrics", "pods", verbs=READ),
    Kind("metrics.k8s.io", "v1beta1", "NodeMetrics", "nodes", namespaced=False, verbs=READ),
    Kind(AUTHORIZATION, "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", namespaced=False, verbs=ASK),
    Kind(AUTHORIZATION, "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", namespaced=False, verbs=ASK),
    Kind("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", namespaced=False, verbs=ASK),
)


class Kinds:
    """The table of kinds, by path, by key and by name; custom resource definitions add to it."""

    def __init__(self) -> None:
        self.stored: dict[tuple[str, str, str], Kind] = {}
        self.computed = {(k.group, k.version, k.plural): k for k in COMPUTED}
        self.by_key: dict[str, Kind] = {}
        self.by_name: dict[tuple[str, str], Kind] = {}
        for kind in STORED:
            self.add(kind)

    def add(self, kind: Kind) -> None:
        self.stored[(kind.group, kind.version, kind.plural)] = kind
        self.by_key[kind.key] = kind
        self.by_name[(kind.api_version, kind.kind)] = kind

    def every(self) -> list[Kind]:
        return [*self.stored.values(), *self.computed.values()]

    def has_group(self, group: str, version: str) -> bool:
        return any((kind.group, kind.version) == (group, version) for kind in self.every())

    def groups(self) -> list[tuple[str, str]]:
        """The named groups with their version, without the core group."""
        return sorted({(kind.group, kind.version) for kind in self.every() if kind.group})


def of_definition(definition: Json) -> list[Kind]:
    """The kinds that a CustomResourceDefinition serves."""
    spec, names = definition["spec"], definition["spec"]["names"]
    return [
        Kind(
            spec["group"],
            version["name"],
            names["kind"],
            names["plural"],
            tuple(names.get("shortNames") or ()),
            spec["scope"] == "Namespaced",
            tuple(version.get("subresources") or ()),
            tuple(names.get("categories") or ()),
            names.get("singular", ""),
            definition=version,
        )
        for version in spec["versions"]
        if version.get("served")
    ]
