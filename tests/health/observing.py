"""Observations as the watch caches write them."""

from typing import Any

from fairway.db.clock import now
from fairway.db.database import Database
from fairway.kube import Pod
from fairway.kube.sightings import pod_document
from fairway.models import Environment, Observation, Resource
from tests.kube import objects


def observe(database: Database, resource: Resource, *pods: dict[str, Any], replicas: int = 1) -> None:
    documents = [pod_document(Pod.of(pod)) for pod in pods]
    with database.write() as session:
        cluster_id = session.get_one(Environment, resource.environment_id).cluster_id
        row = session.get(Observation, resource.id) or Observation(resource_id=resource.id, cluster_id=cluster_id)
        row.namespace, row.workload, row.replicas = "shop-dev", "StatefulSet", replicas
        row.pods, row.ready, row.observed_at = documents, sum(p["ready"] for p in documents), now()
        session.add(row)


def exporting(name: str, resource: Resource, port: int = 9121, ip: str = "127.0.0.1") -> dict[str, Any]:
    """A ready pod that offers metrics."""
    annotations = {"prometheus.io/scrape": "true", "prometheus.io/port": str(port)}
    return objects.pod(name, resource.id, annotations=annotations, ip=ip)
