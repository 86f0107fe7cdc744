"""What `/sd/prometheus` says: where a Prometheus finds every resource's metrics, in the format of http_sd."""

from typing import Any

from fairway.db.database import Database
from fairway.health.living import Living, everything


def targets(database: Database) -> list[dict[str, Any]]:
    """One group per pod that offers metrics. The labels tell resources apart, `fairway_resource` above all."""
    with database.read() as session:
        return [
            {
                "targets": [f"{_host(pod['ip'])}:{pod['metrics']['port']}"],
                "labels": {"__metrics_path__": pod["metrics"]["path"], **_labels(living), "pod": pod["name"]},
            }
            for living in everything(session)
            if living.observation is not None
            for pod in living.observation.pods
            if pod["metrics"] and pod["ip"] and not pod["terminating"]
        ]


def _labels(living: Living) -> dict[str, str]:
    resource = living.resource
    return {
        "fairway_resource": resource.id,
        "fairway_name": resource.name,
        "fairway_offering": resource.offering,
        "fairway_service": living.service,
        "fairway_environment": living.environment,
        "fairway_team": living.team,
        "namespace": resource.namespace,
    }


def _host(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip
