"""How a run goes on: every change of its state is a conditional update with an event, and its end frees the resource.

These are the workers' verbs; what people ask for is in `provisioning`, `runs` and `approvals`.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlmodel import Session, col, update

from fairway.db.clock import now
from fairway.domain import bindings, connections, events, follow_ups, revisions, rotation
from fairway.domain.context import Context
from fairway.errors import FairwayError
from fairway.models import Operation, Resource, ResourceState, Run, RunState
from fairway_catalog import price_of

LIVE = tuple(s for s in RunState if not s.ended)
BUSY_STATE = {
    Operation.CREATE: ResourceState.PROVISIONING,
    Operation.DESTROY: ResourceState.DESTROYING,
}


def move(session: Session, run: Run, to: RunState, *, frm: Collection[RunState] = LIVE, **values: Any) -> bool:
    """Sets the run's state where it is one of frm; False when it is not (any more). The row is loaded again."""
    changed = session.exec(
        update(Run).where(col(Run.id) == run.id, col(Run.state).in_(list(frm))).values(state=to, **values)
    )
    session.refresh(run)
    if changed.rowcount == 0:
        return False
    tell(session, run, "state", {"state": str(to)})
    return True


def tell(session: Session, run: Run, kind: str, data: Mapping[str, Any]) -> None:
    """An event of the run: `state`, `step`, `log`, `wait`, `done`."""
    events.append(session, f"run:{run.id}", kind, data, resource_id=run.resource_id)


def wait(session: Session, run: Run, waiting: Mapping[str, Any] | None) -> None:
    """Says why it waits, or with None that it goes on; what has ended waits no more."""
    if waiting == run.waiting:
        return
    changed = session.exec(
        update(Run)
        .where(col(Run.id) == run.id, col(Run.state).in_(list(LIVE)))
        .values(waiting=dict(waiting) if waiting else None)
    )
    session.refresh(run)
    if changed.rowcount == 0:
        return
    tell(session, run, "wait", {"waiting": dict(waiting) if waiting else None})


def set_resource_state(session: Session, resource: Resource, state: ResourceState, **values: Any) -> None:
    session.exec(
        update(Resource)
        .where(col(Resource.id) == resource.id)
        .values(state=state, updated_at=now(), version=Resource.version + 1, **values)
    )
    session.refresh(resource)
    events.append(session, f"resource:{resource.id}", "state", {"state": str(state)}, resource_id=resource.id)


def begin_applying(session: Session, run: Run, resource: Resource) -> bool:
    """False when it was cancelled in the meantime."""
    frm = (RunState.QUEUED, RunState.PREVIEWING, RunState.AWAITING_APPROVAL)
    if run.state is RunState.APPLYING:
        return True
    if not move(session, run, RunState.APPLYING, frm=frm, applying_at=now()):
        return False
    rotation.begin(session, run, resource)
    set_resource_state(session, resource, BUSY_STATE.get(run.operation, ResourceState.UPDATING))
    return True


def record_outputs(
    context: Context, session: Session, resource: Resource, outputs: Mapping[str, Any], secrets: Mapping[str, Any]
) -> None:
    """What the program told: plain as it is, secret sealed."""
    sealed = connections.seal(context, resource, secrets)
    session.exec(
        update(Resource).where(col(Resource.id) == resource.id).values(outputs=dict(outputs), credentials=sealed)
    )
    session.refresh(resource)


def succeed(context: Context, session: Session, run: Run, resource: Resource, offering_version: str) -> bool:
    """What was wanted is what is applied, and a revision; who is bound to a new password follows. False when the run
    had ended before."""
    if not _end(session, run, RunState.SUCCEEDED):
        return False
    if run.operation is Operation.DESTROY:
        _bury(session, resource)
    else:
        _record(context, session, run, resource, offering_version)
        if run.operation is not Operation.REFRESH and rotation.finish(session, resource):
            follow_ups.owe(context, session, run, resource)
    tell(session, run, "done", {"state": str(RunState.SUCCEEDED)})
    follow_ups.start(context, session, resource)
    return True


def fail(context: Context, session: Session, run: Run, resource: Resource, error: Mapping[str, Any]) -> bool:
    """error: `{code, message, hint, causes}`. What the resource is after that depends on how far it came."""
    touched, told = run.applying_at is not None, dict(error)
    told["hint"] = " ".join(filter(None, (told.get("hint"), rotation.outlook(context, run, resource))))
    if not _end(session, run, RunState.FAILED, error=told):
        return False
    _settle_after(session, run, resource, touched)
    tell(session, run, "done", {"state": str(RunState.FAILED), "error": told})
    follow_ups.start(context, session, resource)
    return True


def cancel(context: Context, session: Session, run: Run, resource: Resource, frm: Collection[RunState] = LIVE) -> bool:
    """An error says more only where a new password was on its way."""
    touched, told = run.applying_at is not None, None
    outlook = rotation.outlook(context, run, resource)
    if touched and outlook:
        message = "It was cancelled on the way to a new password"
        told = {"code": "cancelled", "message": message, "hint": outlook, "causes": []}
    if not _end(session, run, RunState.CANCELLED, frm, told):
        return False
    _settle_after(session, run, resource, touched)
    tell(session, run, "done", {"state": str(RunState.CANCELLED)})
    follow_ups.start(context, session, resource)
    return True


def describe(error: BaseException, hint: str = "") -> dict[str, Any]:
    """An error as a run keeps it: the sentence first, then what caused it, innermost last."""
    causes, cause = [], error.__cause__
    while cause is not None:
        causes.append(str(cause) or type(cause).__name__)
        cause = cause.__cause__
    if isinstance(error, FairwayError):
        return {"code": error.code, "message": error.detail, "hint": error.hint or hint, "causes": causes}
    return {"code": "failed", "message": str(error) or type(error).__name__, "hint": hint, "causes": causes}


def _end(
    session: Session, run: Run, state: RunState, frm: Collection[RunState] = LIVE, error: dict[str, Any] | None = None
) -> bool:
    if not move(session, run, state, frm=frm, ended_at=now(), error=error, waiting=None):
        return False
    session.exec(
        update(Resource)
        .where(col(Resource.id) == run.resource_id, col(Resource.active_run_id) == run.id)
        .values(active_run_id=None)
    )
    return True


def _record(context: Context, session: Session, run: Run, resource: Resource, offering_version: str) -> None:
    offering = context.catalog.get(resource.offering, offering_version)
    applied = dict(run.desired)
    if run.operation is not Operation.REFRESH and not revisions.is_newest(session, resource, applied, offering_version):
        revisions.add(session, resource, run, applied, offering_version)
    bindings.keep_only(session, resource, applied.get("bindings", []))
    set_resource_state(
        session,
        resource,
        ResourceState.READY,
        applied=applied,
        desired=applied,
        plan=applied["plan"],
        offering_version=offering_version,
        price_monthly=price_of(offering, applied["plan"], applied["parameters"]),
    )


def _bury(session: Session, resource: Resource) -> None:
    bindings.keep_only(session, resource, ())
    gone = ResourceState.DESTROYED
    secret = dict.fromkeys(("credentials", "seeds", "next_seeds", "previous_seeds"))
    set_resource_state(session, resource, gone, destroyed_at=now(), outputs={}, health={}, **secret)


def _settle_after(session: Session, run: Run, resource: Resource, touched: bool) -> None:
    """Untouched, a resource is what it was, and one that was to be made never was; touched, it needs a look."""
    if touched and run.operation is not Operation.REFRESH:
        set_resource_state(session, resource, ResourceState.FAILED)
        return
    if resource.applied is None:
        if run.operation is Operation.CREATE and run.retry_of is None:
            _bury(session, resource)
        else:
            set_resource_state(session, resource, ResourceState.FAILED)
        return
    bindings.keep_only(session, resource, resource.applied.get("bindings", []))
    was = ResourceState.READY if resource.state is not ResourceState.FAILED else ResourceState.FAILED
    set_resource_state(session, resource, was, desired=resource.applied)
