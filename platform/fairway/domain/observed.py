"""What a resource's pods say, and what its cluster says about them; no transaction is open while it is asked."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from fairway.db.clock import now
from fairway.domain import access, events, resources
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.domain.documents import EventDocument
from fairway.domain.log_tail import LogLine, LogTail, snapshot
from fairway.errors import Invalid, Unreachable
from fairway.kube import Cluster, ClusterEvent
from fairway.kube.values import RESOURCE
from fairway.models import Environment, Event, Resource

MOST_LINES = 5000
MOST_EVENTS = 200


@dataclass(frozen=True)
class Sight:
    """Where a resource's objects are."""

    cluster_id: str
    namespace: str
    labels: str
    name: str
    longer: tuple[str, ...]
    """Names of its neighbours in the namespace that begin with its own."""

    def owns(self, object_name: str) -> bool:
        """Whether an object of this name is one of the resource's, also when it is gone."""
        return _within(self.name, object_name) and not any(_within(name, object_name) for name in self.longer)


def sight(session: Session, actor: Actor, ref: str, doing: str) -> Sight:
    access.require_scope(actor, "read", doing)
    resource = resources.named(session, actor, ref)
    environment = session.get_one(Environment, resource.environment_id)
    neighbours = session.exec(
        select(Resource.name).where(
            Resource.namespace == resource.namespace,
            Resource.environment_id == resource.environment_id,
            col(Resource.destroyed_at).is_(None),
        )
    ).all()
    longer = tuple(n for n in neighbours if n != resource.name and n.startswith(resource.name + "-"))
    return Sight(environment.cluster_id, resource.namespace, f"{RESOURCE}={resource.id}", resource.name, longer)


def log_lines(
    context: Context, actor: Actor, ref: str, *, pod: str = "", previous: bool = False, tail: int = 200
) -> list[LogLine]:
    """The last lines of every pod, oldest first. previous: of the containers before these."""
    cluster, found = _cluster(context, actor, ref, tail)
    return snapshot(cluster, found.namespace, found.labels, pod, previous, tail)


def follow_logs(context: Context, actor: Actor, ref: str, *, pod: str = "", tail: int = 200) -> LogTail:
    """The same, and what comes, of pods that come, too. The caller closes it."""
    cluster, found = _cluster(context, actor, ref, tail)
    return LogTail(cluster, found.namespace, found.labels, pod, tail)


def pod_names(context: Context, actor: Actor, ref: str) -> list[str]:
    cluster, found = _cluster(context, actor, ref, 1)
    return sorted(pod.name for pod in cluster.pods(found.namespace, found.labels))


def cluster_events(context: Context, actor: Actor, ref: str) -> list[EventDocument]:
    """Of the resource's objects, newest last: `{at, type, reason, object, message, count}`."""
    with context.database.read() as session:
        found = sight(session, actor, ref, "see events")
    seen = context.clusters.get(found.cluster_id).events(found.namespace, limit=5000)
    return [_document(event) for event in seen if found.owns(event.about_name)][-MOST_EVENTS:]


def own_events(context: Context, actor: Actor, ref: str) -> list[EventDocument]:
    """What Fairway did with the resource and found about it, in the same shape, newest last."""
    with context.database.read() as session:
        access.require_scope(actor, "read", "see events")
        resource = resources.named(session, actor, ref)
        stream = f"resource:{resource.id}"
        last = events.last_seq(session, stream)
        rows = events.after(session, stream, max(0, last - 10 * MOST_EVENTS), limit=10 * MOST_EVENTS)
        return [_own(resource, row) for row in rows[-MOST_EVENTS:]]


def all_events(context: Context, actor: Actor, ref: str) -> list[EventDocument]:
    """Both, newest last; of a cluster that does not answer one line that says so."""
    own = own_events(context, actor, ref)
    try:
        theirs = cluster_events(context, actor, ref)
    except Unreachable as error:
        at = now().isoformat()
        theirs = [_plain(at, "Warning", error.code, "Cluster", error.detail)]
    return sorted([*own, *theirs], key=lambda event: event["at"] or "")


def _cluster(context: Context, actor: Actor, ref: str, tail: int) -> tuple[Cluster, Sight]:
    if not 1 <= tail <= MOST_LINES:
        raise Invalid.field("/tail", f"tail is a number of lines from 1 to {MOST_LINES}, such as 200")
    with context.database.read() as session:
        found = sight(session, actor, ref, "see logs")
    return context.clusters.get(found.cluster_id), found


def _within(name: str, object_name: str) -> bool:
    """`db` has `db`, `db-0` and `data-db-0`, not `dbx`."""
    bare = object_name.removeprefix("data-")
    return bare == name or bare.startswith(f"{name}-")


def _document(event: ClusterEvent) -> EventDocument:
    at = event.at.isoformat() if event.at else None
    about = f"{event.about_kind}/{event.about_name}"
    return _plain(at, event.type, event.reason, about, event.message, event.count)


def _own(resource: Resource, row: Event) -> EventDocument:
    data, kind = row.data, "Normal"
    if row.kind == "health":
        reasons = [str(r.get("message", "")) for r in data.get("reasons", [])]
        message = ": ".join(filter(None, [str(data.get("status", "")), "; ".join(reasons)]))
        kind = "Normal" if data.get("status") == "healthy" else "Warning"
    elif row.kind == "observed":
        message = f"{data.get('ready', 0)} of {data.get('replicas', 0)} replicas are ready"
    else:
        message = ", ".join(str(v) for k, v in data.items() if k != "run" and v not in (None, ""))
        kind = "Warning" if data.get("state") == "failed" else "Normal"
    return _plain(row.at.isoformat(), kind, row.kind, f"Resource/{resource.name}", message)


def _plain(at: str | None, kind: str, reason: str, about: str, message: str, count: int = 1) -> EventDocument:
    return {"at": at, "type": kind, "reason": reason, "object": about, "message": message, "count": count}
