"""What is known of the cluster's objects now, by resource; pure memory, filled by reflectors, read by the cache."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fairway.db.clock import now
from fairway.kube import kinds
from fairway.kube.kinds import Kind
from fairway.kube.values import RESOURCE, Change, ClusterEvent, Document, Pod, Workload

WORKLOADS = (kinds.DEPLOYMENT, kinds.STATEFUL_SET)
NEEDED = (kinds.POD, *WORKLOADS)
RELATED = (kinds.REPLICA_SET, kinds.PERSISTENT_VOLUME_CLAIM)
KEPT = timedelta(hours=1)
MOST_WARNINGS = 10


@dataclass(frozen=True)
class Seen:
    """One resource: its workload, its pods (oldest first), what the cluster warned about lately (newest first)."""

    resource_id: str
    workload: Workload | None
    pods: tuple[Pod, ...]
    warnings: tuple[ClusterEvent, ...]


class Sightings:
    """Thread-safe. `wait` sleeps until something changed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pods: dict[str, Pod] = {}
        self._workloads: dict[str, tuple[Kind, Workload]] = {}
        self._related: dict[str, tuple[Kind, str]] = {}
        self._warnings: dict[tuple[str, str, str], ClusterEvent] = {}
        self._dirty: set[str] = set()
        self._listed: set[Kind] = set()

    @property
    def complete(self) -> bool:
        """Everything has been listed once, so that what is not here is not there."""
        with self._changed:
            return self._listed.issuperset(NEEDED)

    def replace(self, kind: Kind, documents: Iterable[Document]) -> None:
        """All objects of the kind: what was known before and is not among them is gone."""
        with self._changed:
            for uid in self._uids(kind):
                self._remove(kind, uid)
            for document in documents:
                self._put(kind, document)
            self._listed.add(kind)
            self._changed.notify_all()

    def apply(self, kind: Kind, change: Change) -> None:
        if change.type == "BOOKMARK":
            return
        with self._changed:
            if change.type == "DELETED" and kind != kinds.EVENT:
                self._remove(kind, change.object["metadata"].get("uid", ""))
            elif change.type != "DELETED":
                self._put(kind, change.object)
            self._changed.notify_all()

    def mark(self, resource_ids: Iterable[str]) -> None:
        """Have another look at these."""
        with self._changed:
            self._dirty.update(resource_ids)
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """True when something has changed."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._dirty), seconds)

    def take_changed(self) -> tuple[Seen, ...]:
        """What has changed since the last call."""
        with self._changed:
            dirty, self._dirty = self._dirty, set()
            return tuple(self._seen(resource_id) for resource_id in sorted(dirty))

    def _seen(self, resource_id: str) -> Seen:
        pods = [p for p in self._pods.values() if p.resource_id == resource_id]
        workload = next((w for _, w in self._workloads.values() if w.resource_id == resource_id), None)
        recent = now() - KEPT
        warnings = [
            w
            for w in self._warnings.values()
            if self._owner(w.about_uid) == resource_id and w.at is not None and w.at > recent
        ]
        return Seen(
            resource_id,
            workload,
            tuple(sorted(pods, key=lambda p: (_stamp(p.created_at), p.name))),
            tuple(sorted(warnings, key=lambda w: _stamp(w.at), reverse=True)[:MOST_WARNINGS]),
        )

    def _put(self, kind: Kind, document: Document) -> None:
        metadata = document["metadata"]
        uid, resource_id = metadata.get("uid", ""), (metadata.get("labels") or {}).get(RESOURCE, "")
        if kind == kinds.EVENT:
            self._warn(ClusterEvent.of(document))
        elif kind == kinds.POD:
            self._pods[uid] = Pod.of(document)
        elif kind in WORKLOADS:
            self._workloads[uid] = (kind, Workload.of(document, kind.name))
        else:
            self._related[uid] = (kind, resource_id)
        if resource_id and kind not in RELATED:
            self._dirty.add(resource_id)

    def _warn(self, event: ClusterEvent) -> None:
        if event.type != "Warning":
            return
        recent = now() - KEPT
        if len(self._warnings) > 1000:
            self._warnings = {k: w for k, w in self._warnings.items() if w.at is not None and w.at > recent}
        self._warnings[(event.about_uid, event.reason, event.message)] = event
        if (owner := self._owner(event.about_uid)) and event.at is not None and event.at > recent:
            self._dirty.add(owner)

    def _remove(self, kind: Kind, uid: str) -> None:
        if kind == kinds.POD and uid in self._pods:
            pod = self._pods.pop(uid)
            self._dirty.add(pod.resource_id)
        elif kind in WORKLOADS and uid in self._workloads:
            self._dirty.add(self._workloads.pop(uid)[1].resource_id)
        else:
            self._related.pop(uid, None)
        self._dirty.discard("")

    def _uids(self, kind: Kind) -> Sequence[str]:
        if kind == kinds.POD:
            return list(self._pods)
        if kind in WORKLOADS:
            return [uid for uid, (k, _) in self._workloads.items() if k == kind]
        return [uid for uid, (k, _) in self._related.items() if k == kind]

    def _owner(self, uid: str) -> str:
        if uid in self._pods:
            return self._pods[uid].resource_id
        if uid in self._workloads:
            return self._workloads[uid][1].resource_id
        return self._related.get(uid, (None, ""))[1]


def pod_document(pod: Pod, last_log: str = "") -> dict[str, Any]:
    """As Observation.pods has it."""
    troubled = pod.troubled
    main = next((c for c in pod.containers if c.name == "main"), pod.containers[0] if pod.containers else None)
    return {
        "name": pod.name,
        "uid": pod.uid,
        "ip": pod.ip,
        "node": pod.node,
        "phase": pod.phase,
        "ready": pod.ready,
        "terminating": pod.terminating,
        "restarts": pod.restarts,
        "reason": pod.reason,
        "message": pod.message[:1000],
        "started_at": _text(pod.started_at),
        "ready_at": _text(pod.ready_at),
        "image": main.image if main else "",
        "containers": [
            {"name": c.name, "ready": c.ready, "restarts": c.restarts, "reason": c.reason or c.last_reason}
            for c in pod.containers
        ],
        "exit_code": troubled.exit_code if troubled else None,
        "last_log": last_log,
        "metrics": {"port": pod.metrics[0], "path": pod.metrics[1]} if pod.metrics else None,
    }


def warning_document(event: ClusterEvent) -> dict[str, Any]:
    """As Observation.warnings has it."""
    return {
        "reason": event.reason,
        "message": event.message[:1000],
        "object": f"{event.about_kind}/{event.about_name}",
        "count": event.count,
        "at": _text(event.at),
    }


def _stamp(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
