"""Forwarded ports: who may open one, and where it leads."""

from dataclasses import dataclass

from sqlmodel import Session

from fairway.domain import access, audit, connections, resources
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.domain.documents import TunnelDocument
from fairway.domain.open_tunnels import MOST
from fairway.errors import Conflict, NotFound
from fairway.kube import endpoints
from fairway.kube.endpoints import Endpoint
from fairway.kube.values import RESOURCE
from fairway.models import Environment, Role


@dataclass(frozen=True)
class Way:
    """Where a resource listens. port: its Service's."""

    resource_id: str
    name: str
    team_id: str
    cluster_id: str
    namespace: str
    port: int


def permit(session: Session, actor: Actor, ref: str, service: str = "", environment: str = "") -> Way:
    """For those who may see the secrets: a connection is as good as a reveal. Raises Refused, NotFound, Conflict."""
    resource = resources.named(session, actor, ref, service, environment)
    team_id = resources.owner(session, resource)
    access.require_role(actor, team_id, Role.MEMBER, f"forward a port of {resource.name}")
    if resource.destroyed_at is not None:
        raise NotFound(f"{resource.name} is destroyed", hint="`fairway list` shows what there is.")
    connections.require_applied(resource)
    if not resource.outputs.get("port"):
        raise Conflict(f"{resource.name} listens on no port: there is nothing to forward")
    cluster_id = session.get_one(Environment, resource.environment_id).cluster_id
    port = int(resource.outputs["port"])
    return Way(resource.id, resource.name, team_id, cluster_id, resource.namespace, port)


def begin(context: Context, actor: Actor, ref: str, service: str = "", environment: str = "") -> tuple[Way, Endpoint]:
    """The pod to connect to; it leaves an audit row first."""
    with context.database.read() as session:
        way = permit(session, actor, ref, service, environment)
    if not context.tunnels.is_told(actor, way.resource_id):
        with context.database.write() as session:
            target = ("resource", way.resource_id, way.name)
            audit.record(session, actor, "resource.forward", target, team_id=way.team_id)
        context.tunnels.tell(actor, way.resource_id)
    return way, endpoint(context, way)


def endpoint(context: Context, way: Way) -> Endpoint:
    """Any ready one. Raises the errors of fairway.kube."""
    labels = f"{RESOURCE}={way.resource_id}"
    return endpoints.choose(context.clusters.get(way.cluster_id), way.namespace, labels, way.port)


def document(context: Context, actor: Actor, ref: str, service: str = "", environment: str = "") -> TunnelDocument:
    """Whether one could be opened now, and to what."""
    with context.database.read() as session:
        way = permit(session, actor, ref, service, environment)
    found = endpoint(context, way)
    return {
        "resource": way.resource_id,
        "name": way.name,
        "port": way.port,
        "pod": found.pod,
        "open": context.tunnels.count(actor),
        "most": MOST,
    }
