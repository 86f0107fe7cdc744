"""Runs: seeing them, cancelling one, trying one again."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlmodel import Session, col, or_, select, update

from fairway.db.clock import now
from fairway.domain import access, audit, events, follow_ups, progress, provisioning, resources
from fairway.domain.actor import Actor
from fairway.domain.commits import after_commit
from fairway.domain.context import Context
from fairway.domain.documents import ChangeDocument, PlaceDocument, RunDocument, StepDocument
from fairway.domain.wishes import Wish
from fairway.errors import Conflict, Invalid, NotFound
from fairway.models import Environment, Operation, Resource, Role, Run, RunState, Service, User

NOT_BEGUN = (RunState.QUEUED, RunState.AWAITING_APPROVAL)


def visible(
    session: Session,
    actor: Actor,
    *,
    resource: Resource | None = None,
    state: str = "",
    active: bool = False,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Sequence[Run]:
    """Of the actor's teams, newest first; active: only those that have not ended."""
    access.require_scope(actor, "read", "list runs")
    query = select(Run).order_by(col(Run.created_at).desc(), col(Run.id).desc()).limit(limit)
    if resource is not None:
        query = query.where(Run.resource_id == resource.id)
    if not actor.admin:
        mine = select(Resource.id).join(Service, col(Service.id) == Resource.service_id)
        query = query.where(col(Run.resource_id).in_(mine.where(col(Service.team_id).in_(actor.teams))))
    if state:
        query = query.where(Run.state == parse_state(state))
    if active:
        query = query.where(col(Run.state).in_(progress.LIVE))
    if before:
        at, identity = before
        query = query.where(or_(col(Run.created_at) < at, (col(Run.created_at) == at) & (col(Run.id) < identity)))
    return session.exec(query).all()


def named(session: Session, actor: Actor, ref: str) -> Run:
    """By id or short id."""
    access.require_scope(actor, "read", "see runs")
    row = session.get(Run, ref)
    if row is None and len(ref) == 8 and ref.isalnum():
        row = session.exec(select(Run).where(col(Run.id).like(f"%{ref}"))).first()
    if row is None:
        raise NotFound(f"There is no run {ref} of yours", hint="`fairway runs` lists them.")
    if not actor.admin and actor.role_in(_team(session, row)) is None:
        raise NotFound(f"There is no run {ref} of yours", hint="`fairway runs` lists them.")
    return row


def documents(session: Session, rows: Sequence[Run]) -> list[RunDocument]:
    """The document that CLI, REST and pages share; times as ISO 8601, durations in seconds."""
    places: dict[str, PlaceDocument] = {
        resource.id: {
            "id": resource.id,
            "name": resource.name,
            "service": service,
            "environment": environment,
            "offering": resource.offering,
        }
        for resource, service, environment in session.exec(
            select(Resource, Service.name, Environment.name)
            .join(Service, col(Service.id) == Resource.service_id)
            .join(Environment, col(Environment.id) == Resource.environment_id)
            .where(col(Resource.id).in_({r.resource_id for r in rows}))
        ).all()
    }
    people_ids = {i for r in rows for i in (r.requested_by, r.decided_by, r.cancel_requested_by) if i}
    people = {u.id: u.name for u in session.exec(select(User).where(col(User.id).in_(people_ids))).all()}
    return [_document(row, places[row.resource_id], people) for row in rows]


def document(session: Session, row: Run) -> RunDocument:
    return documents(session, [row])[0]


def with_steps(session: Session, row: Run) -> RunDocument:
    """And with the deployments that follow it, or the run that it follows itself."""
    return {
        **document(session, row),
        "steps": steps(session, row),
        "followers": follow_ups.documents(session, row),
        "follows": follow_ups.cause(session, row),
    }


def steps(session: Session, run: Run) -> list[StepDocument]:
    """The run's steps as far as they are known, `{op, type, name, urn, status, seconds}`, in order of appearance."""
    found: dict[str, StepDocument] = {}
    for event in events.after(session, f"run:{run.id}", 0, limit=5000):
        if event.kind == "step":
            found[event.data.get("urn", "")] = cast(StepDocument, event.data)
    return list(found.values())


def cancel(context: Context, session: Session, actor: Actor, run: Run) -> Run:
    """At once what has not begun; what is being applied stops after its steps in flight."""
    resource = session.get_one(Resource, run.resource_id)
    _require(session, actor, run, f"cancel runs of {resource.name}")
    if run.state.ended:
        raise Conflict(f"The run has ended: it is {run.state}")
    changed = session.exec(
        update(Run)
        .where(col(Run.id) == run.id, col(Run.cancel_requested_at).is_(None), col(Run.state).in_(progress.LIVE))
        .values(cancel_requested_at=now(), cancel_requested_by=actor.user_id or None)
    )
    session.refresh(run)
    if changed.rowcount:
        _record(session, actor, "run.cancel", run, resource)
    progress.cancel(context, session, run, resource, NOT_BEGUN)
    after_commit(session, lambda: context.wake_run(run.id))
    return run


def retry(context: Context, session: Session, actor: Actor, run: Run) -> Run:
    """The same again, as a new run. Of a destroy the name was typed before."""
    resource = session.get_one(Resource, run.resource_id)
    _require(session, actor, run, f"retry runs of {resource.name}")
    if not run.state.ended or run.state is RunState.SUCCEEDED:
        raise Conflict(f"Only what failed or was cancelled can be tried again; this run is {run.state}")
    newest = session.exec(
        select(Run.id).where(Run.resource_id == resource.id).order_by(col(Run.created_at).desc()).limit(1)
    ).first()
    if newest != run.id:
        raise Conflict(f"There is a newer run of {resource.name}", hint="Retry that one, or ask for a new change.")
    wish = _same_again(run, resource)
    again = provisioning.request(context, session, actor, wish, confirm=resource.name, reason=run.reason, retry_of=run)
    follow_ups.pass_on(session, run, again)
    return again


def parse_state(word: str) -> RunState:
    try:
        return RunState(word)
    except ValueError as error:
        raise Invalid.field("/state", f"{word!r} is no state of a run; choose from {', '.join(RunState)}") from error


def _same_again(run: Run, resource: Resource) -> Wish:
    if run.operation is Operation.ROTATE:
        return Wish(run.operation, resource_id=resource.id)
    return Wish(
        Operation.UPDATE if run.operation is Operation.ROLLBACK else run.operation,
        resource_id=resource.id,
        plan=run.desired["plan"],
        parameters=run.desired["parameters"],
        bindings=tuple(run.desired["bindings"]),
    )


def _team(session: Session, run: Run) -> str:
    return resources.owner(session, session.get_one(Resource, run.resource_id))


def _require(session: Session, actor: Actor, run: Run, doing: str) -> None:
    access.require_role(actor, _team(session, run), Role.MEMBER, doing)


def _record(session: Session, actor: Actor, action: str, run: Run, resource: Resource) -> None:
    target = ("run", run.id, resource.name)
    audit.record(session, actor, action, target, team_id=resources.owner(session, resource))


def _document(row: Run, place: PlaceDocument, people: dict[str, str]) -> RunDocument:
    until = row.ended_at or now()
    return {
        "id": row.id,
        "operation": str(row.operation),
        "state": str(row.state),
        "resource": place,
        "reason": row.reason,
        "desired": row.desired,
        "changes": cast(list[ChangeDocument], row.changes),
        "waiting": row.waiting,
        "error": row.error,
        "needs_approval": row.needs_approval,
        "decision": {
            "decision": row.decision,
            "by": people.get(row.decided_by or ""),
            "comment": row.decision_comment,
            "at": _moment(row.decided_at),
        }
        if row.decision
        else None,
        "cancel_requested_at": _moment(row.cancel_requested_at),
        "cancel_requested_by": people.get(row.cancel_requested_by or ""),
        "preview": row.preview_id,
        "retry_of": row.retry_of,
        "requested_by": people.get(row.requested_by, ""),
        "created_at": row.created_at.isoformat(),
        "started_at": _moment(row.started_at),
        "applying_at": _moment(row.applying_at),
        "verifying_at": _moment(row.verifying_at),
        "ended_at": _moment(row.ended_at),
        "seconds": round((until - (row.started_at or row.created_at)).total_seconds(), 3),
    }


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
