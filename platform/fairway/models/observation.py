"""What the watch caches last saw of a resource in its cluster; pages read this and never the cluster."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from fairway.models.columns import document, moment, reference


class Observation(SQLModel, table=True):
    """workload: `Deployment` or `StatefulSet`, empty when there is none (any more). settled: its rollout is through.

    reason and message: what the workload itself complains about, such as a rollout that gave up.
    pods: `[{name, uid, ip, node, phase, ready, terminating, restarts, reason, message, started_at, ready_at, image,
    containers: [{name, ready, restarts, reason}], exit_code, last_log, metrics: {port, path} | null}]`, oldest first.
    warnings: `[{reason, message, object, count, at}]` of the last hour, newest first.
    """

    __tablename__ = "observation"

    resource_id: str = Field(primary_key=True, foreign_key="resource.id", max_length=36, ondelete="CASCADE")
    cluster_id: str = reference("cluster.id")
    namespace: str = Field(default="", max_length=63)
    workload: str = Field(default="", max_length=30)
    replicas: int = 0
    ready: int = 0
    settled: bool = False
    reason: str = Field(default="", max_length=100)
    message: str = Field(default="", max_length=1000)
    pods: list[dict[str, Any]] = document(list)
    warnings: list[dict[str, Any]] = document(list)
    observed_at: datetime = moment()
