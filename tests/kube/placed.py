"""A resource of the cast whose cluster is the fake one."""

from typing import Any

from sqlmodel import select

from fairway.db.database import Database
from fairway.domain.context import Context
from fairway.models import Cluster, Resource, ResourceState
from tests.cast import Cast
from tests.kube.fake import Running
from tests.kube.objects import pod, workload


def place(database: Database, context: Context, cast: Cast, fake: Running, name: str, **values: Any) -> Resource:
    """Of the service shop in dev, ready. values: its offering, plan and what else differs."""
    with database.write() as session:
        cluster = session.exec(select(Cluster)).one()
        cluster.kubeconfig = context.vault.seal(fake.kubeconfig, f"cluster:{cluster.id}")
        row = Resource(
            name=name,
            service_id=cast.shop.id,
            environment_id=cast.dev.id,
            state=ResourceState.READY,
            stack=f"shop-dev-{name}-1",
            namespace="shop-dev",
            **values,
        )
        session.add(row)
        session.flush()
        return row


def place_deployment(database: Database, context: Context, cast: Cast, fake: Running, **values: Any) -> Resource:
    """`web`, with three pods."""
    row = place(database, context, cast, fake, "web", offering="deployment", **values)
    fake.api.put("deployments", workload("web", row.id, replicas=3, ready=3))
    for number in range(3):
        one = pod(f"web-{number}", row.id)
        one["metadata"]["labels"]["app.kubernetes.io/name"] = "web"
        fake.api.put("pods", one)
    return row
