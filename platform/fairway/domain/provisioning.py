"""Asking for a change: one verb for every operation, from pages, REST and the command line alike.

It writes a run, takes hold of the resource for it, and returns; workers do the rest.
"""

from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, update

from fairway.db.clock import now
from fairway.db.ids import new_id, short
from fairway.domain import access, audit, bindings, events, previews, resources, rotation, seeds, settle
from fairway.domain.actor import Actor
from fairway.domain.commits import after_commit
from fairway.domain.context import Context
from fairway.domain.settle import CHANGING, Settled
from fairway.domain.wishes import Wish, for_resource
from fairway.errors import Busy, Conflict, Invalid, Protected
from fairway.models import Operation, Preview, Resource, ResourceState, Run

__all__ = ["Wish", "for_resource", "request"]

LONGEST_REASON = 500


def request(
    context: Context,
    session: Session,
    actor: Actor,
    wish: Wish,
    preview: Preview | None = None,
    confirm: str = "",
    reason: str = "",
    version: int | None = None,
    *,
    retry_of: Run | None = None,
) -> Run:
    """The run, queued. preview: what was shown and confirmed; without one the run makes its own. confirm: the name of
    what is to be destroyed, typed by a person. version: of the resource that was edited.

    Raises Invalid, NotFound, Refused, Protected, QuotaExceeded, Busy, StalePreview, Conflict or Edited.
    """
    access.require_scope(actor, "write", "change resources")
    settled = settle.settle(context, session, actor, wish)
    _check_reason(reason)
    if settled.resource is not None:
        resources.check_version(settled.resource, version)
    if settled.operation is Operation.DESTROY and settled.resource is not None:
        _check_destroy(session, settled.resource, confirm)
    if preview is not None:
        previews.use(session, preview, settled)
    run_id = new_id()
    resource = settled.resource or _make(context, session, actor, settled)
    _hold(session, resource, run_id, settled)
    if settled.operation is Operation.ROTATE:
        rotation.prepare(context, session, resource)
    run = _queue(session, actor, settled, resource, run_id, preview, reason, retry_of)
    _record(session, actor, settled, resource, run)
    after_commit(session, lambda: context.wake_run(run_id))
    return run


def _check_reason(reason: str) -> None:
    if len(reason) > LONGEST_REASON:
        raise Invalid.field("/reason", f"The reason has {len(reason)} characters; {LONGEST_REASON} is the most")


def _check_destroy(session: Session, resource: Resource, confirm: str) -> None:
    if resource.protected:
        raise Protected(
            f"{resource.name} is protected against being destroyed", hint="An owner of the team lifts that first."
        )
    using = bindings.consumers(session, resource)
    if using:
        names = ", ".join(r.name for r in using)
        raise Conflict(f"{resource.name} is used by {names}", hint="Take the binding away there first.")
    if confirm != resource.name:
        raise Invalid.field("/confirm", f"Type the name {resource.name} to confirm that it is destroyed for ever")


def _make(context: Context, session: Session, actor: Actor, settled: Settled) -> Resource:
    """The row of a new resource, with the password that Fairway makes for it."""
    identity = new_id()
    place = f"{settled.service.name}-{settled.environment.name}"
    row = Resource(
        id=identity,
        name=settled.name,
        service_id=settled.service.id,
        environment_id=settled.environment.id,
        offering=settled.offering.name,
        offering_version=settled.offering.version,
        plan=settled.desired["plan"],
        desired=settled.desired,
        seeds=seeds.make(context, identity),
        protected=settled.environment.protected,
        stack=f"{place}-{settled.name}-{short(identity)}",
        namespace=place,
        price_monthly=settled.price_after,
        created_by=actor.user_id or None,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"There is a {settled.name} already", hint="Choose another name.") from error
    return row


def _hold(session: Session, resource: Resource, run_id: str, settled: Settled) -> None:
    """One run at a time: zero rows means that another one has it."""
    values: dict[str, Any] = {"active_run_id": run_id, "updated_at": now(), "version": Resource.version + 1}
    if settled.operation in CHANGING:
        values["desired"] = settled.desired
    if resource.applied is None and settled.operation is Operation.CREATE:
        waits = settled.needs_approval
        values["state"] = ResourceState.AWAITING_APPROVAL if waits else ResourceState.REQUESTED
    held = session.exec(
        update(Resource)
        .where(
            col(Resource.id) == resource.id,
            col(Resource.active_run_id).is_(None),
            col(Resource.destroyed_at).is_(None),
        )
        .values(**values)
    )
    if held.rowcount == 0:
        raise Busy(
            f"Another operation on {resource.name} is in progress", hint="Wait until it has ended, or cancel it."
        )
    session.refresh(resource)
    bindings.add(session, resource, settled.providers)


def _queue(
    session: Session,
    actor: Actor,
    settled: Settled,
    resource: Resource,
    run_id: str,
    preview: Preview | None,
    reason: str,
    retry_of: Run | None,
) -> Run:
    run = Run(
        id=run_id,
        resource_id=resource.id,
        operation=settled.operation,
        preview_id=preview.id if preview else None,
        retry_of=retry_of.id if retry_of else None,
        digest=settled.digest,
        desired=settled.desired,
        changes=preview.changes if preview else [],
        reason=reason.strip(),
        needs_approval=settled.needs_approval,
        requested_by=actor.user_id,
    )
    session.add(run)
    session.flush()
    events.append(session, f"run:{run_id}", "state", {"state": str(run.state)}, resource_id=resource.id)
    state = {"state": str(resource.state), "run": run_id}
    events.append(session, f"resource:{resource.id}", "state", state, resource_id=resource.id)
    return run


def _record(session: Session, actor: Actor, settled: Settled, resource: Resource, run: Run) -> None:
    diff = {field["field"]: [field["before"], field["after"]] for field in settled.fields}
    audit.record(
        session,
        actor,
        f"resource.{settled.operation}",
        ("resource", resource.id, resource.name),
        team_id=settled.team.id,
        diff=diff | {"run": [None, run.id]},
        comment=run.reason,
    )
