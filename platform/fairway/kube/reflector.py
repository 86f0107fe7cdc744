"""One kind of object, followed: list, watch from there, list again when the watch has expired or broke."""

import random
import threading
import time
from typing import Protocol

from fairway.errors import FairwayError
from fairway.kube import errors
from fairway.kube.cluster import Cluster
from fairway.kube.kinds import Kind
from fairway.kube.stream import Stream
from fairway.kube.values import Change, Document

WATCH_SECONDS = 60
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0


class Sink(Protocol):
    """Told what the reflector learns; calls come from its thread."""

    def replace(self, kind: Kind, documents: tuple[Document, ...]) -> None: ...

    def apply(self, kind: Kind, change: Change) -> None: ...

    def answered(self, kind: Kind) -> None:
        """The cluster serves the kind."""

    def failed(self, kind: Kind, error: FairwayError, in_a_row: int) -> None:
        """It did not, for the so-and-so-manieth time in a row."""


class Reflector:
    """`run` blocks until `stop` is called from another thread."""

    def __init__(self, cluster: Cluster, kind: Kind, sink: Sink, *, labels: str = "", fields: str = "") -> None:
        self._cluster = cluster
        self._kind = kind
        self._sink = sink
        self._labels = labels
        self._fields = fields
        self._stopping = threading.Event()
        self._stream: Stream[Change] | None = None

    def run(self) -> None:
        version, failures = "", 0
        while not self._stopping.is_set():
            try:
                version = version or self._list()
                version, failures = self._watch(version), 0
            except errors.Expired:
                version = ""
            except FairwayError as error:
                version, failures = "", failures + 1
                if not self._stopping.is_set():
                    self._sink.failed(self._kind, error, failures)
                    self._stopping.wait(_pause(failures))

    def stop(self) -> None:
        self._stopping.set()
        stream = self._stream
        if stream is not None:
            stream.close()

    def _list(self) -> str:
        listing = self._cluster.list(self._kind, labels=self._labels, fields=self._fields)
        self._sink.replace(self._kind, listing.items)
        return listing.resource_version

    def _watch(self, version: str) -> str:
        began = time.monotonic()
        self._stream = self._cluster.watch(
            self._kind, "", self._labels, version, fields=self._fields, seconds=WATCH_SECONDS
        )
        self._sink.answered(self._kind)
        if self._stopping.is_set():
            self._stream.close()
        for change in self._stream:
            version = change.resource_version or version
            self._sink.apply(self._kind, change)
        if time.monotonic() - began < 1.0:
            self._stopping.wait(FIRST_PAUSE)
        return version


def _pause(failures: int) -> float:
    """Longer each time, and never the same for all."""
    return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures, 10)) * random.uniform(0.5, 1.0))
