"""One cluster's watch cache: keeps the table `observation` and the cluster's reachability up to date."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from sqlmodel import Session, col, select, update

from fairway.db import leases
from fairway.db.clock import now
from fairway.db.database import Database
from fairway.errors import FairwayError
from fairway.kube import kinds
from fairway.kube.cluster import Cluster
from fairway.kube.kinds import Kind
from fairway.kube.reflector import Reflector
from fairway.kube.sightings import NEEDED, RELATED, Seen, Sightings, pod_document, warning_document
from fairway.kube.values import RESOURCE, Change, Document, Pod
from fairway.models import Cluster as ClusterRow
from fairway.models import Observation, Resource

LOG = logging.getLogger("fairway.kube")
GATHER = 0.05
"""Changes come in bursts: wait that long for the rest of one, in seconds."""
PING_EVERY = 10.0
LOG_LINES, LOG_LENGTH = 8, 1000
PATIENCE = 2
"""That many failures in a row mean that a cluster is unreachable."""


class Append(Protocol):
    """`fairway.domain.events.append`."""

    def __call__(
        self, session: Session, stream: str, kind: str, data: Mapping[str, Any], *, resource_id: str | None = None
    ) -> Any: ...


class WatchCache:
    """held: the lease under which it writes; when that is lost, `run` ends."""

    def __init__(
        self,
        cluster_id: str,
        cluster: Cluster,
        database: Database,
        append: Append,
        held: leases.Held,
        on_change: Callable[[Sequence[str]], None] = lambda resource_ids: None,
    ) -> None:
        self._cluster_id = cluster_id
        self._cluster = cluster
        self._database = database
        self._append = append
        self._held = held
        self._on_change = on_change
        self._sightings = Sightings()
        self._down: dict[str, str] = {}
        self._marked: str | None = None
        self._written: dict[str, dict[str, Any]] = {}
        self._logs: dict[tuple[str, str, int], str] = {}

    def run(self, stop: threading.Event) -> None:
        """Blocks until stop is set or the lease is lost."""
        reflectors = [self._reflector(kind) for kind in (*NEEDED, *RELATED, kinds.EVENT)]
        threads = [threading.Thread(target=r.run, name="fairway-watch", daemon=True) for r in reflectors]
        for thread in threads:
            thread.start()
        try:
            self._keep(stop)
        except leases.LeaseLost as lost:
            LOG.info("%s", lost)
        finally:
            for reflector in reflectors:
                reflector.stop()
            for thread in threads:
                thread.join(2)

    def replace(self, kind: Kind, documents: tuple[Document, ...]) -> None:
        self._sightings.replace(kind, documents)

    def apply(self, kind: Kind, change: Change) -> None:
        self._sightings.apply(kind, change)

    def answered(self, kind: Kind) -> None:
        self._down.pop(kind.plural, None)

    def failed(self, kind: Kind, error: FairwayError, in_a_row: int) -> None:
        if in_a_row >= PATIENCE and kind in NEEDED:
            self._down[kind.plural] = error.detail
        LOG.debug("watching %s of %s failed: %s", kind.plural, self._cluster.name, error.detail)

    def _reflector(self, kind: Kind) -> Reflector:
        if kind == kinds.EVENT:
            return Reflector(self._cluster, kind, self, fields="type=Warning")
        return Reflector(self._cluster, kind, self, labels=RESOURCE)

    def _keep(self, stop: threading.Event) -> None:
        complete, pinged = False, time.monotonic()
        while not stop.is_set():
            changed = self._sightings.wait(0.5)
            self._mark_reachability()
            if not complete and self._sightings.complete:
                complete = True
                self._sightings.mark(self._known())
            elif changed and complete:
                stop.wait(GATHER)
                self._flush()
            elif changed:
                stop.wait(GATHER)
            if time.monotonic() - pinged > PING_EVERY:
                self._ping()
                pinged = time.monotonic()

    def _known(self) -> Sequence[str]:
        """What was seen before this cache began, and may be gone."""
        with self._database.read() as session:
            query = select(Observation.resource_id).where(Observation.cluster_id == self._cluster_id)
            return session.exec(query).all()

    def _flush(self) -> None:
        seen = self._sightings.take_changed()
        fresh = {s.resource_id: self._fields(s) for s in seen}
        fresh = {i: fields for i, fields in fresh.items() if self._written.get(i) != fields}
        if not fresh:
            return
        try:
            self._write(fresh)
        except leases.LeaseLost:
            raise
        except Exception:
            LOG.exception("cannot write what was seen of %s; trying again", self._cluster.name)
            self._sightings.mark(fresh)
            time.sleep(1)
            return
        self._written.update(fresh)
        self._on_change(list(fresh))

    def _write(self, fresh: Mapping[str, dict[str, Any]]) -> None:
        with self._database.write() as session:
            leases.require(session, self._held)
            ours = session.exec(select(Resource.id).where(col(Resource.id).in_(fresh))).all()
            for resource_id in ours:
                row = session.get(Observation, resource_id)
                fields = fresh[resource_id]
                if row is None:
                    row = Observation(resource_id=resource_id, cluster_id=self._cluster_id)
                elif all(getattr(row, name) == value for name, value in fields.items()):
                    continue
                for name, value in {**fields, "cluster_id": self._cluster_id, "observed_at": now()}.items():
                    setattr(row, name, value)
                session.add(row)
                data = {name: fields[name] for name in ("replicas", "ready", "settled")}
                pods = [{k: p[k] for k in ("name", "phase", "ready", "restarts", "reason")} for p in fields["pods"]]
                self._append(
                    session, f"resource:{resource_id}", "observed", {**data, "pods": pods}, resource_id=resource_id
                )

    def _fields(self, seen: Seen) -> dict[str, Any]:
        workload = seen.workload
        return {
            "namespace": workload.namespace if workload else seen.pods[0].namespace if seen.pods else "",
            "workload": workload.kind if workload else "",
            "replicas": workload.replicas if workload else 0,
            "ready": sum(pod.ready for pod in seen.pods),
            "settled": bool(workload and workload.settled),
            "reason": workload.reason if workload else "",
            "message": workload.message[:1000] if workload else "",
            "pods": [pod_document(pod, self._last_log(pod)) for pod in seen.pods],
            "warnings": [warning_document(event) for event in seen.warnings],
        }

    def _last_log(self, pod: Pod) -> str:
        """The last lines of a container that keeps ending, read once per restart."""
        container = pod.troubled
        if container is None or container.exit_code is None:
            return ""
        key = (pod.uid, container.name, container.restarts)
        if key not in self._logs:
            if len(self._logs) > 500:
                self._logs.clear()
            self._logs[key] = self._read_log(pod, container.name, previous=container.state != "terminated")
        return self._logs[key]

    def _read_log(self, pod: Pod, container: str, *, previous: bool) -> str:
        try:
            lines = self._cluster.logs(
                pod.namespace, pod.name, container, previous=previous, tail=LOG_LINES, timeout=3.0
            )
            return "\n".join(lines)[-LOG_LENGTH:]
        except FairwayError:
            return ""

    def _ping(self) -> None:
        try:
            self._cluster.version()
            self._down.pop("version", None)
        except FairwayError as error:
            self._down["version"] = error.detail

    def _mark_reachability(self) -> None:
        reason = next(iter(list(self._down.values())), "")[:500]
        if reason == self._marked:
            return
        mine = col(ClusterRow.id) == self._cluster_id
        with self._database.write() as session:
            leases.require(session, self._held)
            if reason:
                since = update(ClusterRow).where(mine, col(ClusterRow.unreachable_since).is_(None))
                session.exec(since.values(unreachable_since=now()))
                session.exec(update(ClusterRow).where(mine).values(unreachable_reason=reason))
            else:
                session.exec(update(ClusterRow).where(mine).values(unreachable_since=None, unreachable_reason=""))
        self._marked = reason
