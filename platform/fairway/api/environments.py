"""Environments and clusters."""

from dataclasses import dataclass
from datetime import datetime

from litestar import Controller, Response, get, post, put
from litestar.params import FromPath, JSONBody

from fairway.api.dependencies import AContext, AnActor
from fairway.api.etags import AVersion, etag
from fairway.domain import environments
from fairway.domain.environments import Policy
from fairway.models import Environment


@dataclass(frozen=True)
class EnvironmentDocument:
    """Quotas are per team; quota_monthly in cents a month; null is no limit."""

    id: str
    name: str
    cluster: str
    protected: bool
    approval: bool
    chaos: bool
    quota_resources: int | None
    quota_monthly: int | None
    version: int


@dataclass(frozen=True)
class NewEnvironment:
    name: str
    cluster: str
    protected: bool = False
    approval: bool = False
    chaos: bool = False
    quota_resources: int | None = None
    quota_monthly: int | None = None


@dataclass(frozen=True)
class ClusterDocument:
    name: str
    sandbox: bool
    reachable: bool
    unreachable_since: datetime | None
    unreachable_reason: str


class EnvironmentController(Controller):
    path = "/environments"
    tags = ("environments",)

    @get("/", sync_to_thread=True)
    def list_environments(self, context: AContext, actor: AnActor) -> list[EnvironmentDocument]:
        with context.database.read() as session:
            names = {c.id: c.name for c in environments.clusters(session, actor)}
            return [_document(row, names[row.cluster_id]) for row in environments.everywhere(session, actor)]

    @post("/", sync_to_thread=True)
    def create_environment(
        self, context: AContext, actor: AnActor, data: JSONBody[NewEnvironment]
    ) -> Response[EnvironmentDocument]:
        """An admin's. protected: what lives here is protected when made; approval: runs wait for another person."""
        policy = Policy(data.protected, data.approval, data.chaos, data.quota_resources, data.quota_monthly)
        with context.database.write() as session:
            row = environments.create(session, actor, data.name, data.cluster, policy)
            return Response(_document(row, data.cluster), status_code=201, headers=etag(row.version))

    @get("/{name:str}", sync_to_thread=True)
    def get_environment(self, context: AContext, actor: AnActor, name: FromPath[str]) -> Response[EnvironmentDocument]:
        with context.database.read() as session:
            row = environments.named(session, actor, name)
            names = {c.id: c.name for c in environments.clusters(session, actor)}
            return Response(_document(row, names[row.cluster_id]), headers=etag(row.version))

    @put("/{name:str}/policy", sync_to_thread=True)
    def set_policy(
        self,
        context: AContext,
        actor: AnActor,
        version: AVersion,
        name: FromPath[str],
        data: JSONBody[Policy],
    ) -> Response[EnvironmentDocument]:
        """The whole policy: what is left out takes its default."""
        with context.database.write() as session:
            row = environments.named(session, actor, name)
            environments.set_policy(session, actor, row, data, version)
            names = {c.id: c.name for c in environments.clusters(session, actor)}
            return Response(_document(row, names[row.cluster_id]), headers=etag(row.version))


@get("/clusters", sync_to_thread=True, tags=["environments"])
def list_clusters(context: AContext, actor: AnActor) -> list[ClusterDocument]:
    with context.database.read() as session:
        return [
            ClusterDocument(c.name, c.sandbox, c.unreachable_since is None, c.unreachable_since, c.unreachable_reason)
            for c in environments.clusters(session, actor)
        ]


def _document(row: Environment, cluster: str) -> EnvironmentDocument:
    policy = Policy.of(row)
    return EnvironmentDocument(
        row.id,
        row.name,
        cluster,
        policy.protected,
        policy.approval,
        policy.chaos,
        policy.quota_resources,
        policy.quota_monthly,
        row.version,
    )
