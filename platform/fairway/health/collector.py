"""The collector: scrapes, keeps history, derives health; one per cluster at a time, by a fenced lease.

A round is scraped every `interval` seconds. Between rounds health is derived anew for whatever was seen to change,
so that a crash shows within a second and not with the next round.
"""

import logging
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import col, select, update

from fairway.db import leases
from fairway.db.clock import now
from fairway.db.database import Database
from fairway.health import meters, rules, samples, scraping
from fairway.health.derive import Facts, Health, Scraping, derive
from fairway.health.figures import Counting, Figure
from fairway.health.history import History
from fairway.health.samples import Sample
from fairway.health.scraping import Scrape, Target
from fairway.health.series import READY, SERVES, SERVING, Histories
from fairway.kube import Clusters
from fairway.kube.watch_cache import Append
from fairway.models import Cluster as ClusterRow
from fairway.models import Environment, Observation, Resource
from fairway_catalog import Catalog, Offering
from fairway_catalog.loader import UnknownOffering

LOG = logging.getLogger("fairway.health")
LOOK_EVERY = 2.0
"""Observations that another process wrote ring no bell here: look this often, in seconds."""
WORKERS = 8


@dataclass
class Memory:
    """What one resource's rounds leave for the next."""

    counting: Counting = field(default_factory=Counting)
    broken: tuple[rules.Broken, ...] = ()
    scraping: Scraping | None = None


@dataclass(frozen=True)
class Subject:
    """A resource with all that is known of it."""

    resource: Resource
    cluster: ClusterRow
    observation: Observation | None
    offering: Offering | None


class Collector:
    """history is written where it is Fairway's own. append: fairway.domain.events.append."""

    def __init__(
        self,
        database: Database,
        clusters: Clusters,
        catalog: Catalog,
        history: Histories,
        append: Append,
        interval: float = 15.0,
    ) -> None:
        self._database = database
        self._clusters = clusters
        self._catalog = catalog
        self._history = history if isinstance(history, History) else None
        self._append = append
        self._interval = interval
        self._holder = leases.this_process()
        self._held: dict[str, leases.Held] = {}
        self._memories: dict[str, Memory] = {}
        self._looked_at: datetime | None = None
        self._bell = threading.Event()

    def wake(self, resource_ids: Sequence[str] = ()) -> None:
        """Something was observed; from any thread."""
        self._bell.set()

    def run(self, stop: threading.Event) -> None:
        """Blocks until stop is set."""
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="fairway-scrape") as pool:
            due = time.monotonic()
            while not stop.is_set():
                try:
                    if time.monotonic() >= due:
                        self.round(pool)
                        due = max(due + self._interval, time.monotonic())
                    else:
                        self.look()
                except Exception:
                    LOG.exception("a round of the collector failed; the next one follows")
                    due = time.monotonic() + self._interval
                self._bell.wait(min(LOOK_EVERY, max(0.0, due - time.monotonic())))
                if self._bell.is_set():
                    stop.wait(0.05)  # changes come in bursts
                self._bell.clear()
        for held in self._held.values():
            leases.release(self._database, held)

    def round(self, pool: ThreadPoolExecutor) -> None:
        """Scrape, keep, derive."""
        began, at = time.monotonic(), now()
        self._take_leases()
        subjects = self._subjects()
        self._memories = {s.resource.id: self._memories.get(s.resource.id, Memory()) for s in subjects}
        scrapes = scraping.scrape_all(self._clusters, [t for s in subjects for t in _targets(s)], pool)
        by_resource: dict[str, list[Scrape]] = {}
        for scrape in scrapes:
            by_resource.setdefault(scrape.target.resource_id, []).append(scrape)
            meters.SCRAPES.labels("failed" if scrape.error else "ok").inc()
        figures = [f for s in subjects for f in self._digest(s, by_resource.get(s.resource.id, []), at)]
        judged = now()
        healths = {s.resource.id: self._health(s, judged) for s in subjects}
        figures += [f for s in subjects for f in self._serving(s, healths[s.resource.id])]
        if self._history is not None:
            self._history.write(at, figures)
        self._keep(subjects, healths, judged)
        meters.ROUND_SECONDS.observe(time.monotonic() - began)

    def look(self) -> None:
        """Derive for what was observed since the last look."""
        subjects = self._subjects(self._looked_at)
        if subjects:
            at = now()
            self._keep(subjects, {s.resource.id: self._health(s, at) for s in subjects}, at)

    def _take_leases(self) -> None:
        with self._database.read() as session:
            ids = session.exec(select(ClusterRow.id)).all()
        taken = (leases.take(self._database, f"collect:{i}", self._holder, 3 * self._interval + 10) for i in ids)
        self._held = {held.name.removeprefix("collect:"): held for held in taken if held is not None}

    def _subjects(self, since: datetime | None = None) -> list[Subject]:
        query = (
            select(Resource, ClusterRow, Observation)
            .join(Environment, col(Environment.id) == Resource.environment_id)
            .join(ClusterRow, col(ClusterRow.id) == Environment.cluster_id)
            .join(Observation, col(Observation.resource_id) == Resource.id, isouter=True)
            .where(col(Resource.destroyed_at).is_(None), col(ClusterRow.id).in_(self._held))
        )
        if since is not None:
            query = query.where(col(Observation.observed_at) > since)
        with self._database.read() as session:
            rows = session.exec(query).all()
        latest = [o.observed_at for _, _, o in rows if o is not None]
        self._looked_at = max([*latest, *([self._looked_at] if self._looked_at else [])], default=None)
        return [Subject(r, c, o, self._offering(r)) for r, c, o in rows]

    def _offering(self, resource: Resource) -> Offering | None:
        try:
            return self._catalog.get(resource.offering, resource.offering_version)
        except UnknownOffering:
            return None

    def _digest(self, subject: Subject, scrapes: Sequence[Scrape], at: datetime) -> Iterable[Figure]:
        """Figures for the history; what is broken stays in the memory."""
        memory, resource_id = self._memories[subject.resource.id], subject.resource.id
        read: Mapping[str, Sequence[Sample]] = {s.target.pod["uid"]: s.samples for s in scrapes if not s.error}
        memory.scraping = _progress(memory.scraping, scrapes, at)
        memory.broken = rules.broken(subject.offering.health, read) if subject.offering else ()
        if subject.observation is not None and subject.observation.workload:
            seen = subject.observation
            yield Figure(resource_id, READY.name, float(seen.ready), float(seen.replicas))
        if subject.offering is not None:
            yield from memory.counting.figures(resource_id, subject.offering.charts, read, at.timestamp())

    def _serving(self, subject: Subject, health: Health) -> Iterable[Figure]:
        """What objectives are measured by; nothing while it is stopped or nothing can be said."""
        serves = SERVING.get(health.status)
        if serves is not None:
            yield Figure(subject.resource.id, SERVES, serves, self._interval)

    def _keep(self, subjects: Sequence[Subject], healths: Mapping[str, Health], at: datetime) -> None:
        """Writes the healths that changed, under the lease of each cluster."""
        for cluster_id, held in list(self._held.items()):
            here = [s.resource for s in subjects if s.cluster.id == cluster_id]
            found = {resource.id: healths[resource.id].document() for resource in here}
            fresh = {resource.id: found[resource.id] for resource in here if found[resource.id] != resource.health}
            if not fresh:
                continue
            try:
                with self._database.write() as session:
                    leases.require(session, held)
                    for resource_id, document in fresh.items():
                        living = (col(Resource.id) == resource_id) & col(Resource.destroyed_at).is_(None)
                        session.exec(update(Resource).where(living).values(health=document, health_at=at))
                        self._append(session, f"resource:{resource_id}", "health", document, resource_id=resource_id)
            except leases.LeaseLost:
                del self._held[cluster_id]

    def _health(self, subject: Subject, at: datetime) -> Health:
        memory, cluster = self._memories.get(subject.resource.id, Memory()), subject.cluster
        since = cluster.unreachable_since
        facts = Facts(
            state=subject.resource.state,
            observation=subject.observation,
            broken=memory.broken,
            scraping=memory.scraping,
            unreachable=(since, cluster.unreachable_reason) if since else None,
            interval=self._interval,
        )
        return derive(facts, at)


def _targets(subject: Subject) -> list[Target]:
    """Ready pods only: one that starts has nothing to say yet."""
    seen, offering = subject.observation, subject.offering
    if seen is None or offering is None or subject.cluster.unreachable_since is not None:
        return []
    names = samples.wanted(offering)
    ready = [p for p in seen.pods if p["ready"] and p["metrics"] and p["ip"]]
    return (
        [Target(subject.resource.id, subject.cluster.id, seen.namespace, pod, names) for pod in ready] if names else []
    )


def _progress(before: Scraping | None, scrapes: Sequence[Scrape], at: datetime) -> Scraping | None:
    """Nothing to scrape is no failure; with several pods the first error counts."""
    if not scrapes:
        return None
    error = next((s.error for s in scrapes if s.error), "")
    if not error:
        return Scraping(at)
    return Scraping(before.since if before else at, error)
