"""The Cluster port of trials: one resource's workload, looked at, watched, and its pods deleted or evicted."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from fairway.errors import FairwayError
from fairway.kube import errors, kinds, names, values
from fairway.kube.cluster import Cluster
from fairway.kube.kinds import Kind
from fairway.kube.stream import Stream
from fairway.kube.values import Document
from fairway_chaos.errors import BudgetRefuses, NoAnswer, TargetChanged
from fairway_chaos.workload import Budget, Change, Pod, Snapshot, Workload

WORKLOADS = (kinds.DEPLOYMENT, kinds.STATEFUL_SET)
AGAIN = 0.5


class Target:
    """Implements fairway_chaos.ports.Cluster for the resource in its namespace."""

    def __init__(self, cluster: Cluster, namespace: str, resource_id: str) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._labels = f"{values.RESOURCE}={resource_id}"
        self._resource_id = resource_id

    def snapshot(self) -> Snapshot:
        with _told():
            kind, workload = self._workload()
            listing = self._cluster.list(kinds.POD, self._namespace, _selector(workload))
            pods = tuple(pod_of(document) for document in listing.items)
            return Snapshot(_convert(kind, workload), pods, listing.resource_version, self._budget(workload))

    def follow(self, snapshot: Snapshot, seen: Callable[[Change], None]) -> Callable[[], None]:
        """Two watches, pods and workload, each in a thread of its own until the answered function is called."""
        kind = next(k for k in WORKLOADS if k.name == snapshot.workload.kind)
        with _told():
            _, workload = self._workload(kind)
        stop = threading.Event()
        pods = partial(self._cluster.watch, kinds.POD, self._namespace, _selector(workload))
        watch_pods = _Watch(pods, partial(_see_pod, seen), partial(self._relist, workload, seen), seen, stop)
        workloads = partial(self._cluster.watch, kind, self._namespace, self._labels)
        see = partial(_see_workload, kind, seen)
        watch_workload = _Watch(workloads, see, partial(self._relook, kind, seen), seen, stop)
        watch_pods.start(snapshot.version, {pod.uid for pod in snapshot.pods})
        watch_workload.start(snapshot.version, set())

        def end() -> None:
            stop.set()
            watch_pods.close()
            watch_workload.close()

        return end

    def delete(self, pod: Pod, *, grace: int | None = None, dry_run: bool = False) -> None:
        with _told():
            self._cluster.delete(kinds.POD, pod.name, self._namespace, uid=pod.uid, grace=grace, dry_run=dry_run)

    def evict(self, pod: Pod, *, dry_run: bool = False) -> None:
        with _told():
            self._cluster.evict(pod.name, self._namespace, uid=pod.uid, dry_run=dry_run)

    def may(self, verb: str, what: str) -> bool:
        with _told():
            return self._cluster.review(verb, what, self._namespace)

    def reaches(self, host: str) -> bool:
        """False for the name of one of its Services where that name does not lead to the Service from here.

        Outside a cluster its names mean nothing, and inside another one they may mean somebody else.
        """
        if self._cluster.addressing == "ip":
            return True
        with _told():
            services = self._cluster.list(kinds.SERVICE, self._namespace, self._labels).items
        own = {f"{service['metadata']['name']}.{self._namespace}.svc": service for service in services}
        return host not in own or own[host]["spec"].get("clusterIP") in names.addresses(host)

    def _workload(self, only: Kind | None = None) -> tuple[Kind, Document]:
        for kind in (only,) if only else WORKLOADS:
            found = self._cluster.list(kind, self._namespace, self._labels).items
            if found:
                return kind, found[0]
        raise NoAnswer(f"there is no workload of the resource {self._resource_id} in {self._namespace}")

    def _budget(self, workload: Document) -> Budget | None:
        labels = ((workload["spec"].get("template") or {}).get("metadata") or {}).get("labels") or {}
        labels = {**_match(workload), **labels}
        for document in self._cluster.list(kinds.POD_DISRUPTION_BUDGET, self._namespace).items:
            wanted = _match(document)
            if wanted and all(labels.get(name) == value for name, value in wanted.items()):
                allowed = int((document.get("status") or {}).get("disruptionsAllowed", 0))
                return Budget(document["metadata"]["name"], allowed)
        return None

    def _relist(self, workload: Document, seen: Callable[[Change], None], known: set[str]) -> str:
        """After a gap: what is there now, and what is gone since."""
        listing = self._cluster.list(kinds.POD, self._namespace, _selector(workload))
        at = time.monotonic()
        pods = [pod_of(document) for document in listing.items]
        for uid in known - {pod.uid for pod in pods}:
            seen(Change(at, gone=uid))
        for pod in pods:
            seen(Change(at, pod=pod))
        known.clear()
        known.update(pod.uid for pod in pods)
        return listing.resource_version

    def _relook(self, kind: Kind, seen: Callable[[Change], None], known: set[str]) -> str:
        listing = self._cluster.list(kind, self._namespace, self._labels)
        for document in listing.items:
            seen(Change(time.monotonic(), workload=_convert(kind, document)))
        return listing.resource_version


class _Watch:
    """open(resource_version) -> a stream; see(change, known) converts; again(known) lists anew after a gap."""

    def __init__(
        self,
        open_: Callable[[str], Stream[values.Change]],
        see: Callable[[values.Change, set[str]], None],
        again: Callable[[set[str]], str],
        seen: Callable[[Change], None],
        stop: threading.Event,
    ) -> None:
        self._open = open_
        self._see = see
        self._again = again
        self._seen = seen
        self._stop = stop
        self._stream: Stream[values.Change] | None = None

    def start(self, version: str, known: set[str]) -> None:
        threading.Thread(target=self._run, args=(version, known), name="fairway-trial-watch", daemon=True).start()

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def _run(self, version: str, known: set[str]) -> None:
        while not self._stop.is_set():
            try:
                self._stream = self._open(version)
                with self._stream as stream:
                    for change in stream:
                        if self._stop.is_set():
                            return
                        version = change.resource_version or version
                        if change.type != "BOOKMARK":
                            self._see(change, known)
            except FairwayError as error:
                version = self._after_gap(version, known, error)

    def _after_gap(self, version: str, known: set[str], error: FairwayError) -> str:
        if not self._stop.is_set():
            self._seen(Change(time.monotonic(), gap=error.detail))
        while not self._stop.wait(AGAIN):
            try:
                return self._again(known)
            except FairwayError:
                continue
        return version


def pod_of(document: Document) -> Pod:
    found = values.Pod.of(document)
    return Pod(
        name=found.name,
        uid=found.uid,
        owner_uid=found.owner.uid if found.owner else "",
        node=found.node,
        ready=found.ready,
        scheduled=bool(found.scheduled_at or found.node),
        terminating=found.terminating,
        created_at=found.created_at,
        ready_at=found.ready_at,
        restarts=found.restarts,
    )


def _see_pod(seen: Callable[[Change], None], change: values.Change, known: set[str]) -> None:
    at, pod = time.monotonic(), pod_of(change.object)
    if change.type == "DELETED":
        known.discard(pod.uid)
        seen(Change(at, gone=pod.uid))
    else:
        known.add(pod.uid)
        seen(Change(at, pod=pod))


def _see_workload(kind: Kind, seen: Callable[[Change], None], change: values.Change, known: set[str]) -> None:
    if change.type != "DELETED":
        seen(Change(time.monotonic(), workload=_convert(kind, change.object)))


def _convert(kind: Kind, document: Document) -> Workload:
    """settled: the newest generation is observed. (Whether all replicas are up is what a trial measures.)"""
    metadata, status = document["metadata"], document.get("status") or {}
    found = values.Workload.of(document, kind.name)
    observed = int(status.get("observedGeneration", 0)) >= int(metadata.get("generation", 0))
    return Workload(kind.name, found.name, found.namespace, found.replicas, found.ready, found.updated, observed)


def _selector(workload: Document) -> str:
    return ",".join(f"{name}={value}" for name, value in sorted(_match(workload).items()))


def _match(document: Document) -> dict[str, str]:
    found: dict[str, str] = (document["spec"].get("selector") or {}).get("matchLabels") or {}
    return found


@contextmanager
def _told() -> Iterator[None]:
    """What a cluster answers, in the words of a trial."""
    try:
        yield
    except errors.RefusedByBudget as error:
        raise BudgetRefuses(error.detail) from error
    except (errors.ObjectNotFound, errors.ObjectConflict) as error:
        raise TargetChanged(error.detail) from error
    except FairwayError as error:
        raise NoAnswer(error.detail) from error
