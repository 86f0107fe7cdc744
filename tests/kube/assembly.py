"""The cast's cluster, made to be the fake one; and resources in it."""

from pathlib import Path

from sqlmodel import select

from fairway.db.crypto import load_vault
from fairway.db.database import Database
from fairway.kube import Clusters
from fairway.models import Cluster, Resource, ResourceState
from tests.cast import Cast
from tests.kube.fake import Running


def point_at(fake: Running, database: Database, data_dir: Path) -> Clusters:
    vault = load_vault(data_dir)
    with database.write() as session:
        row = session.exec(select(Cluster)).one()
        row.kubeconfig, row.addressing = vault.seal(fake.kubeconfig, f"cluster:{row.id}"), "dns"
        session.add(row)
    return Clusters(database, vault)


def add_resource(database: Database, cast: Cast, name: str, offering: str = "redis") -> Resource:
    with database.write() as session:
        row = Resource(
            name=name,
            service_id=cast.shop.id,
            environment_id=cast.dev.id,
            offering=offering,
            offering_version="1.0",
            state=ResourceState.READY,
            plan="dev",
            stack=f"shop-dev-{name}",
            namespace="shop-dev",
        )
        session.add(row)
    return row
