"""A small shop on the shore: a database, a deployment that uses it, a failing cache, a run that waits."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from fairway.db.clock import now
from fairway.domain import events, progress, provisioning
from fairway.domain.context import Context
from fairway.domain.wishes import Wish
from fairway.models import Observation, Operation, Resource, Run, RunState
from tests.cast import Cast
from tests.provisioned import apply


@dataclass(frozen=True)
class Shore:
    database: Resource
    web: Resource
    cache: Resource
    live: Run
    waiting: Run


def build(context: Context, cast: Cast) -> Shore:
    database = apply(context, cast.bob, _create("orders-db", "postgres", "dev"))
    wish = _create("web", "deployment", "nano", image="fairway/demo:1", replicas=3, variables={"COLOUR": "blue"})
    web = apply(context, cast.bob, wish)
    apply(context, cast.bob, Wish(Operation.UPDATE, resource_id=web.id, parameters={"image": "fairway/demo:2"}))
    cache = apply(context, cast.bob, _create("sessions", "redis", context.catalog.get("redis").plans[0].name))
    with context.database.write() as session:
        _observe(session, database, cast, [_pod("orders-db-0", ready=True)])
        crashing = _pod("web-5f7d-x2lqp", ready=False, reason="ImagePullBackOff", message="401 from the registry")
        _observe(session, web, cast, [_pod("web-5f7d-4kzrm", ready=True), _pod("web-5f7d-9tpvd", ready=True), crashing])
        _feel(session, database, "healthy")
        _feel(session, web, "degraded", "2 of 3 pods are ready; web-5f7d-x2lqp: ImagePullBackOff")
        _feel(session, cache, "failing", "Memory 509 of 512 MiB is used")
        live = provisioning.request(
            context,
            session,
            cast.bob,
            Wish(Operation.UPDATE, resource_id=web.id, parameters={"image": "fairway/demo:3"}),
        )
        waiting = provisioning.request(
            context, session, cast.bob, _create("ledger-db", "postgres", "dev", place="prod")
        )
    with context.database.write() as session:
        live, waiting = session.get_one(Run, live.id), session.get_one(Run, waiting.id)
        progress.move(session, waiting, RunState.AWAITING_APPROVAL)
        progress.move(session, live, RunState.PREVIEWING, started_at=now())
        progress.begin_applying(session, live, session.get_one(Resource, live.resource_id))
        step(session, live, "ConfigMap", "web-files", "same", "done")
        step(session, live, "Deployment", "web", "update", "running")
        say(session, live, "~ Deployment web updating")
        progress.wait(session, live, {"code": "pods", "message": "2 of 3 pods are ready", "cause": "x2lqp cannot pull"})
    return Shore(database, web, cache, live, waiting)


def step(session: Session, run: Run, kind: str, name: str, op: str, status: str) -> None:
    data = {"op": op, "type": f"kubernetes:apps/v1:{kind}", "name": name, "urn": f"urn:{kind}:{name}", "status": status}
    progress.tell(session, run, "step", data | {"seconds": 0.3 if status == "done" else None})


def say(session: Session, run: Run, message: str, severity: str = "info") -> None:
    events.append(session, f"run:{run.id}", "log", {"severity": severity, "message": message})


def _create(name: str, offering: str, plan: str, place: str = "dev", **parameters: Any) -> Wish:
    bound = ("orders-db",) if offering == "deployment" else None
    return Wish(
        Operation.CREATE,
        service="shop",
        environment=place,
        name=name,
        offering=offering,
        plan=plan,
        parameters=parameters,
        bindings=bound,
    )


def _pod(name: str, *, ready: bool, reason: str = "", message: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "uid": f"uid-{name}",
        "ip": "127.8.0.3",
        "node": "node-1",
        "phase": "Running" if ready else "Pending",
        "ready": ready,
        "restarts": 0,
        "reason": reason,
        "message": message,
        "image": "fairway/demo:2",
        "started_at": now().isoformat(),
    }


def _observe(session: Session, row: Resource, cast: Cast, pods: list[dict[str, Any]]) -> None:
    ready = sum(pod["ready"] for pod in pods)
    session.add(
        Observation(resource_id=row.id, cluster_id=cast.dev.cluster_id, replicas=len(pods), ready=ready, pods=pods)
    )


def _feel(session: Session, row: Resource, status: str, *reasons: str) -> None:
    kept = session.get_one(Resource, row.id)
    kept.health = {"status": status, "reasons": [{"code": "x", "message": reason} for reason in reasons]}
    kept.health_at = now()
    session.add(kept)
