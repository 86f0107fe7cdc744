"""The logs of all pods of a workload as one stream of lines."""

import queue
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from fairway.errors import Conflict, FairwayError, NotFound
from fairway.kube import Cluster, Pod, Stream

LOOK_FOR_PODS = 2.0
HELD = 2000
"""Lines in wait for a slow reader; the pods' streams wait with them."""


@dataclass(frozen=True, order=True)
class LogLine:
    """at: as the cluster wrote it, RFC 3339, empty when it did not."""

    at: str
    pod: str
    text: str

    def __str__(self) -> str:
        return f"{self.pod} {self.text}"


def snapshot(
    cluster: Cluster, namespace: str, labels: str, pod: str = "", previous: bool = False, tail: int = 200
) -> list[LogLine]:
    """The last lines over all pods, in the order of their times. Raises NotFound or Conflict when no pod has any."""
    found: list[LogLine] = []
    trouble: FairwayError | None = None
    for one in _chosen(cluster, namespace, labels, pod):
        try:
            with cluster.logs(namespace, one.name, _container(one), previous=previous, tail=tail, timestamps=True) as s:
                found += [_line(one.name, text) for text in s]
        except FairwayError as error:
            trouble = error
    if not found and trouble is not None:
        raise Conflict(f"There are no logs{' of an earlier container' if previous else ''} yet: {trouble.detail}")
    return sorted(found, key=lambda line: line.at)[-tail:]


class LogTail:
    """Read by one thread with start and next_lines; close from any."""

    def __init__(self, cluster: Cluster, namespace: str, labels: str, pod: str = "", tail: int = 200) -> None:
        self._cluster, self._namespace, self._labels, self._pod, self._tail = cluster, namespace, labels, pod, tail
        self._lines: queue.Queue[LogLine] = queue.Queue(HELD)
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._streams: dict[str, Stream[str]] = {}
        try:
            first = snapshot(cluster, namespace, labels, pod, tail=tail)
        except Conflict:
            first = []
        self._first = first
        self._since = {line.pod: line.at for line in first}
        self._searcher = threading.Thread(target=self._search, name="fairway-logs", daemon=True)

    def start(self) -> Sequence[LogLine]:
        """The lines that there are; those that follow come by `next_lines`."""
        self._searcher.start()
        return self._first

    def next_lines(self, wait: float = 1.0) -> list[LogLine]:
        """What came within `wait` seconds, empty when nothing did."""
        try:
            lines = [self._lines.get(timeout=wait)]
        except queue.Empty:
            return []
        with suppress(queue.Empty):
            while len(lines) < HELD:
                lines.append(self._lines.get_nowait())
        return lines

    def close(self) -> None:
        self._closed.set()
        with self._lock:
            streams = list(self._streams.values())
        for stream in streams:
            stream.close()

    def _search(self) -> None:
        """Pods come and go: a stream for each container that runs, and again when it was restarted."""
        while not self._closed.is_set():
            with suppress(FairwayError):
                for pod in _chosen(self._cluster, self._namespace, self._labels, self._pod):
                    self._attach(pod)
            self._closed.wait(LOOK_FOR_PODS)

    def _attach(self, pod: Pod) -> None:
        with self._lock:
            if pod.uid in self._streams or self._closed.is_set():
                return
        with suppress(FairwayError):
            stream = self._cluster.logs(
                self._namespace, pod.name, _container(pod), follow=True, tail=self._tail, timestamps=True
            )
            with self._lock:
                if self._closed.is_set():
                    stream.close()
                    return
                self._streams[pod.uid] = stream
            threading.Thread(target=self._pump, args=(pod, stream), name="fairway-log", daemon=True).start()

    def _pump(self, pod: Pod, stream: Stream[str]) -> None:
        try:
            with suppress(FairwayError):
                self._pass_on(pod.name, stream)
        finally:
            stream.close()
            with self._lock:
                self._streams.pop(pod.uid, None)

    def _pass_on(self, pod: str, stream: Iterable[str]) -> None:
        """A stream begins with lines that were told before; after those, lines may well share a time."""
        told = self._since.get(pod, "")
        for text in stream:
            line = _line(pod, text)
            if line.at and line.at <= told:
                continue
            self._since[pod] = line.at
            while not self._closed.is_set():
                with suppress(queue.Full):
                    self._lines.put(line, timeout=0.5)
                    break
            if self._closed.is_set():
                return


def _chosen(cluster: Cluster, namespace: str, labels: str, pod: str) -> list[Pod]:
    found = [p for p in cluster.pods(namespace, labels) if not pod or p.name == pod]
    if pod and not found:
        raise NotFound(f"There is no pod {pod} of this resource", hint="Leave it away to see all of them.")
    return found


def _container(pod: Pod) -> str:
    """The program's own, not its exporter's."""
    names = [c.name for c in pod.containers]
    return "main" if "main" in names else names[0] if names else ""


def _line(pod: str, text: str) -> LogLine:
    at, _, rest = text.partition(" ")
    return LogLine(at, pod, rest) if at[:2] == "20" and "T" in at else LogLine("", pod, text)
