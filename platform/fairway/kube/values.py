"""Kubernetes' JSON as frozen values, converted once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Document = dict[str, Any]

RESOURCE = "fairway.dev/resource"
"""The label that says which Fairway resource an object belongs to."""
SCRAPE, SCRAPE_PORT, SCRAPE_PATH = "prometheus.io/scrape", "prometheus.io/port", "prometheus.io/path"


@dataclass(frozen=True)
class Listing:
    """resource_version: where a watch goes on from."""

    items: tuple[Document, ...]
    resource_version: str


@dataclass(frozen=True)
class Change:
    """type: ADDED, MODIFIED, DELETED or BOOKMARK (whose object has a resourceVersion only)."""

    type: str
    object: Document

    @property
    def resource_version(self) -> str:
        return str((self.object.get("metadata") or {}).get("resourceVersion") or "")


@dataclass(frozen=True)
class Owner:
    kind: str
    name: str
    uid: str


@dataclass(frozen=True)
class Container:
    """state: waiting, running or terminated; reason as Kubernetes words it (CrashLoopBackOff, OOMKilled, ...).

    exit_code and last_reason: of the last time that it ended, None and empty when it never did.
    """

    name: str
    image: str
    ready: bool
    restarts: int
    state: str
    reason: str = ""
    message: str = ""
    exit_code: int | None = None
    last_reason: str = ""


@dataclass(frozen=True)
class Pod:
    """started_at: when the kubelet took it up; scheduled_at and ready_at: the last change of those conditions to True.

    reason and message: why it is not as it should be, worst container first; empty when all is well.
    metrics: port and path where Prometheus metrics are, from the annotations.
    """

    name: str
    namespace: str
    uid: str
    ip: str
    node: str
    phase: str
    ready: bool
    terminating: bool
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    owner: Owner | None
    containers: tuple[Container, ...]
    created_at: datetime | None
    started_at: datetime | None
    scheduled_at: datetime | None
    ready_at: datetime | None
    reason: str
    message: str
    metrics: tuple[int, str] | None

    @property
    def resource_id(self) -> str:
        return self.labels.get(RESOURCE, "")

    @property
    def restarts(self) -> int:
        return sum(container.restarts for container in self.containers)

    @property
    def troubled(self) -> Container | None:
        """The container that the reason is about."""
        return _worst(self.containers)

    @classmethod
    def of(cls, document: Document) -> "Pod":
        metadata, spec, status = document["metadata"], document.get("spec") or {}, document.get("status") or {}
        conditions = {c["type"]: c for c in status.get("conditions") or []}
        containers = tuple(_container(c) for c in _statuses(status))
        annotations = metadata.get("annotations") or {}
        reason, message = _trouble(status, conditions, containers)
        return cls(
            name=metadata["name"],
            namespace=metadata.get("namespace", ""),
            uid=metadata.get("uid", ""),
            ip=status.get("podIP", ""),
            node=spec.get("nodeName", ""),
            phase=status.get("phase", "Pending"),
            ready=_is_true(conditions, "Ready") and not metadata.get("deletionTimestamp"),
            terminating=bool(metadata.get("deletionTimestamp")),
            labels=metadata.get("labels") or {},
            annotations=annotations,
            owner=owner(document),
            containers=containers,
            created_at=moment(metadata.get("creationTimestamp")),
            started_at=moment(status.get("startTime")),
            scheduled_at=_since(conditions, "PodScheduled"),
            ready_at=_since(conditions, "Ready"),
            reason=reason,
            message=message,
            metrics=_metrics(annotations),
        )


@dataclass(frozen=True)
class Workload:
    """A Deployment or StatefulSet. settled: the controller has seen the newest spec, and every replica is of it."""

    kind: str
    name: str
    namespace: str
    uid: str
    resource_id: str
    replicas: int
    ready: int
    updated: int
    settled: bool
    selector: Mapping[str, str]
    reason: str = ""
    message: str = ""

    @classmethod
    def of(cls, document: Document, kind: str = "") -> "Workload":
        metadata, spec, status = document["metadata"], document.get("spec") or {}, document.get("status") or {}
        replicas, updated = spec.get("replicas", 1), status.get("updatedReplicas", 0)
        seen = status.get("observedGeneration", 0) >= metadata.get("generation", 0)
        trouble = [c for c in status.get("conditions") or [] if _is_bad(c)]
        return cls(
            kind=kind or document.get("kind", ""),
            name=metadata["name"],
            namespace=metadata.get("namespace", ""),
            uid=metadata.get("uid", ""),
            resource_id=(metadata.get("labels") or {}).get(RESOURCE, ""),
            replicas=replicas,
            ready=status.get("readyReplicas", 0),
            updated=updated,
            settled=seen and updated >= replicas and status.get("replicas", 0) <= replicas,
            selector=(spec.get("selector") or {}).get("matchLabels") or {},
            reason=trouble[0].get("reason", "") if trouble else "",
            message=trouble[0].get("message", "") if trouble else "",
        )


@dataclass(frozen=True)
class ClusterEvent:
    """type: Normal or Warning; about: kind and name of the object."""

    type: str
    reason: str
    message: str
    about_kind: str
    about_name: str
    about_uid: str
    count: int
    at: datetime | None

    @classmethod
    def of(cls, document: Document) -> "ClusterEvent":
        about = document.get("involvedObject") or {}
        times = (
            document.get("lastTimestamp"),
            document.get("eventTime"),
            document["metadata"].get("creationTimestamp"),
        )
        series = document.get("series") or {}
        return cls(
            type=document.get("type", "Normal"),
            reason=document.get("reason", ""),
            message=document.get("message", ""),
            about_kind=about.get("kind", ""),
            about_name=about.get("name", ""),
            about_uid=about.get("uid", ""),
            count=document.get("count") or series.get("count") or 1,
            at=moment(series.get("lastObservedTime") or next(filter(None, times), None)),
        )


def moment(text: str | None) -> datetime | None:
    """An RFC 3339 timestamp."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def owner(document: Document) -> Owner | None:
    """The controller."""
    for reference in document["metadata"].get("ownerReferences") or []:
        if reference.get("controller"):
            return Owner(reference["kind"], reference["name"], reference["uid"])
    return None


def _statuses(status: Document) -> Sequence[Document]:
    waiting_init = [s for s in status.get("initContainerStatuses") or [] if "terminated" not in (s.get("state") or {})]
    return [*(status.get("containerStatuses") or []), *waiting_init]


def _container(status: Document) -> Container:
    state_name, state = next(iter((status.get("state") or {"waiting": {}}).items()))
    ended = (status.get("lastState") or {}).get("terminated") or (state if state_name == "terminated" else {})
    return Container(
        name=status["name"],
        image=status.get("image", ""),
        ready=bool(status.get("ready")),
        restarts=status.get("restartCount", 0),
        state=state_name,
        reason=state.get("reason", ""),
        message=state.get("message", ""),
        exit_code=ended.get("exitCode"),
        last_reason=ended.get("reason", ""),
    )


def _worst(containers: Sequence[Container]) -> Container | None:
    """Waiting for a reason, then ended with an error, then ended and started again but not ready."""
    waiting = [c for c in containers if c.state == "waiting" and c.reason not in HARMLESS]
    ended = [c for c in containers if c.state == "terminated" and c.exit_code]
    restarted = [c for c in containers if not c.ready and c.restarts]
    return next(iter([*waiting, *ended, *restarted]), None)


HARMLESS = ("", "ContainerCreating", "PodInitializing")


def _trouble(status: Document, conditions: Mapping[str, Document], containers: Sequence[Container]) -> tuple[str, str]:
    worst = _worst(containers)
    if worst is not None and (worst.reason or worst.last_reason):
        return worst.reason or worst.last_reason, worst.message
    if status.get("reason"):
        return status["reason"], status.get("message", "")
    scheduled = conditions.get("PodScheduled")
    if scheduled is not None and scheduled.get("status") == "False":
        return scheduled.get("reason", ""), scheduled.get("message", "")
    return "", ""


def _metrics(annotations: Mapping[str, str]) -> tuple[int, str] | None:
    port = annotations.get(SCRAPE_PORT, "")
    if annotations.get(SCRAPE) != "true" or not port.isdecimal():
        return None
    return int(port), annotations.get(SCRAPE_PATH) or "/metrics"


def _is_true(conditions: Mapping[str, Document], name: str) -> bool:
    return bool(conditions.get(name, {}).get("status") == "True")


def _since(conditions: Mapping[str, Document], name: str) -> datetime | None:
    return moment(conditions[name].get("lastTransitionTime")) if _is_true(conditions, name) else None


def _is_bad(condition: Document) -> bool:
    """ReplicaFailure, or a rollout that gave up."""
    if condition.get("type") == "ReplicaFailure":
        return bool(condition.get("status") == "True")
    return bool(condition.get("type") == "Progressing" and condition.get("status") == "False")
