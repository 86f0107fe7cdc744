"""What `/metrics` says: the process, the collector, and every resource with its health."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import func
from sqlmodel import Session, col, select

from fairway import __version__
from fairway.db.clock import now
from fairway.db.database import Database
from fairway.health import meters
from fairway.health.history import History
from fairway.health.living import Living, everything
from fairway.health.objectives import Objective
from fairway.health.series import Histories, Served
from fairway.models import Cluster, Run, Slo

STATUSES = ("healthy", "degraded", "failing", "stopped", "unknown")
LABELS = ("fairway_resource", "name", "service", "environment", "offering", "team")


def exposition(database: Database, history: Histories) -> bytes:
    """The text format, version 0.0.4. A Prometheus is not asked for what it asks for."""
    registry = CollectorRegistry()
    registry.register(_Platform(database))
    registry.register(_Objectives(database, history if isinstance(history, History) else None))
    return generate_latest(meters.REGISTRY) + generate_latest(registry)


class _Platform(Collector):
    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterable[Metric]:
        """So that registering does not collect."""
        return []

    def collect(self) -> Iterator[Metric]:
        with self._database.read() as session:
            yield _build()
            yield from _resources(session)
            yield _runs(session)
            yield _clusters(session)


class _Objectives(Collector):
    def __init__(self, database: Database, history: History | None) -> None:
        self._database = database
        self._history = history

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        with self._database.read() as session:
            rows = {row.resource_id: row for row in session.exec(select(Slo))}
            found = [(rows[one.resource.id], _labels(one)) for one in everything(session) if one.resource.id in rows]
        objective = GaugeMetricFamily("fairway_slo_objective_ratio", "The share of time to serve in", labels=LABELS)
        window = GaugeMetricFamily("fairway_slo_window_seconds", "The time that an objective is about", labels=LABELS)
        for row, labels in found:
            objective.add_metric(labels, row.ratio)
            window.add_metric(labels, row.window)
        yield from (objective, window)
        if self._history is not None:
            yield from _standings(self._history, found)


def _standings(history: History, found: Sequence[tuple[Slo, list[str]]]) -> Iterator[Metric]:
    """What Fairway measured itself: one question for each length of a window."""
    at = now()
    told: dict[int, Mapping[str, Served]] = {}
    for window in {row.window for row, _ in found}:
        ids = [row.resource_id for row, _ in found if row.window == window]
        told[window] = history.served(ids, at - timedelta(seconds=window), at)
    share = GaugeMetricFamily(
        "fairway_slo_served_ratio", "The share of the measured time that it served", labels=LABELS
    )
    left = GaugeMetricFamily("fairway_slo_budget_left_ratio", "What is left of the error budget", labels=LABELS)
    for row, labels in found:
        served = told[row.window].get(row.resource_id, Served())
        if served.ratio is not None:
            share.add_metric(labels, served.ratio)
            left.add_metric(labels, Objective(row.ratio, row.window).left(served))
    yield from (share, left)


def _build() -> Metric:
    family = GaugeMetricFamily("fairway_build_info", "Fairway's version", labels=["version"])
    family.add_metric([__version__], 1)
    return family


def _resources(session: Session) -> Iterator[Metric]:
    health = GaugeMetricFamily("fairway_resource_health", "1 for the status that it has", labels=[*LABELS, "status"])
    state = GaugeMetricFamily("fairway_resource_state", "1 for the state that it is in", labels=[*LABELS, "state"])
    ready = GaugeMetricFamily("fairway_resource_ready_replicas", "Replicas that are ready", labels=LABELS)
    wanted = GaugeMetricFamily("fairway_resource_replicas", "Replicas that are wanted", labels=LABELS)
    for living in everything(session):
        resource, observation, labels = living.resource, living.observation, _labels(living)
        status = resource.health.get("status", "unknown")
        for one in STATUSES:
            health.add_metric([*labels, one], float(one == status))
        state.add_metric([*labels, resource.state], 1)
        if observation is not None:
            ready.add_metric(labels, observation.ready)
            wanted.add_metric(labels, observation.replicas)
    yield from (health, state, ready, wanted)


def _labels(living: Living) -> list[str]:
    resource = living.resource
    return [resource.id, resource.name, living.service, living.environment, resource.offering, living.team]


def _runs(session: Session) -> Metric:
    family = GaugeMetricFamily("fairway_runs", "Runs by operation and state", labels=["operation", "state"])
    query = select(Run.operation, Run.state, func.count()).group_by(col(Run.operation), col(Run.state))
    for operation, state, count in session.exec(query):
        family.add_metric([operation, state], count)
    return family


def _clusters(session: Session) -> Metric:
    family = GaugeMetricFamily("fairway_cluster_reachable", "1 while the cluster answers", labels=["cluster"])
    for cluster in session.exec(select(Cluster).order_by(col(Cluster.name))):
        family.add_metric([cluster.name], float(cluster.unreachable_since is None))
    return family
