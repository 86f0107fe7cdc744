"""The watch caches of all clusters, each under a lease of its own, so that one process watches each cluster."""

import logging
import threading
from collections.abc import Callable, Sequence

from sqlmodel import select

from fairway.db import leases
from fairway.db.database import Database
from fairway.kube.registry import Clusters
from fairway.kube.watch_cache import Append, WatchCache
from fairway.models import Cluster as ClusterRow

LOG = logging.getLogger("fairway.kube")
RENEW = 5.0
EXPIRE = 20.0


class Watching:
    """append: fairway.domain.events.append. on_change: told the ids of resources whose observation changed."""

    def __init__(
        self,
        database: Database,
        clusters: Clusters,
        append: Append,
        on_change: Callable[[Sequence[str]], None] = lambda resource_ids: None,
    ) -> None:
        self._database = database
        self._clusters = clusters
        self._append = append
        self._on_change = on_change
        self._holder = leases.this_process()
        self._running: dict[str, _Running] = {}

    def run(self, stop: threading.Event) -> None:
        """Blocks until stop is set; looks for new clusters and renews the leases every few seconds."""
        try:
            while not stop.is_set():
                try:
                    self._look()
                except Exception:
                    LOG.exception("cannot look after the watch caches; trying again")
                stop.wait(RENEW)
        finally:
            for running in self._running.values():
                running.stop.set()
            for running in self._running.values():
                running.thread.join(5)
                leases.release(self._database, running.held)

    def _look(self) -> None:
        with self._database.read() as session:
            rows = {row.id: row.kubeconfig for row in session.exec(select(ClusterRow))}
        for cluster_id, sealed in rows.items():
            held = leases.take(self._database, f"watch:{cluster_id}", self._holder, EXPIRE)
            running = self._running.get(cluster_id)
            if running is not None and not running.fits(held, sealed):
                running.stop.set()
                running.thread.join(5)
                del self._running[cluster_id]
                running = None
            if running is None and held is not None:
                self._running[cluster_id] = self._start(cluster_id, sealed, held)

    def _start(self, cluster_id: str, sealed: str, held: leases.Held) -> "_Running":
        cluster = self._clusters.get(cluster_id)
        cache = WatchCache(cluster_id, cluster, self._database, self._append, held, self._on_change)
        stop = threading.Event()
        thread = threading.Thread(target=cache.run, args=(stop,), name=f"fairway-cache-{cluster.name}", daemon=True)
        thread.start()
        return _Running(held, sealed, stop, thread)


class _Running:
    def __init__(self, held: leases.Held, sealed: str, stop: threading.Event, thread: threading.Thread) -> None:
        self.held = held
        self.sealed = sealed
        self.stop = stop
        self.thread = thread

    def fits(self, held: leases.Held | None, sealed: str) -> bool:
        """Alive, under the same lease, and with the kubeconfig of today."""
        return self.thread.is_alive() and held == self.held and sealed == self.sealed
