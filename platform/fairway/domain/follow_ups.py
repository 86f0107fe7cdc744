"""Deployments follow a new password: each that is bound to the resource gets an update of its own.

Owed from the transaction on in which the run succeeds that brought the password. A deployment that is busy with another
run follows when that ends; the sweep finds what a process before this one has left.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select, update

from fairway.domain import bindings, events, people, provisioning
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.domain.documents import FollowerDocument
from fairway.domain.wishes import for_resource
from fairway.errors import FairwayError
from fairway.models import Binding, FollowUp, Operation, Resource, Run, RunState, Service

PENDING = (col(FollowUp.run_id).is_(None), FollowUp.problem == "")


def owe(context: Context, session: Session, cause: Run, provider: Resource) -> None:
    """For every living deployment that is bound to it; the run's log tells which."""
    for consumer in bindings.consumers(session, provider):
        session.exec(select(Resource.id).where(Resource.id == consumer.id).with_for_update()).one()
        session.add(FollowUp(cause_id=cause.id, resource_id=consumer.id))
        session.flush()
        start(context, session, consumer)
    lines = [_line(f) for f in documents(session, cause)] or ["No deployment is bound to it: none follows"]
    for line in lines:
        data = {"severity": "info", "message": line, "urn": ""}
        events.append(session, f"run:{cause.id}", "log", data, resource_id=provider.id)


def start(context: Context, session: Session, consumer: Resource) -> None:
    """The update that is owed, if any, and if no other run holds the deployment."""
    owed = session.exec(
        select(FollowUp, Run, Resource)
        .join(Run, col(Run.id) == FollowUp.cause_id)
        .join(Resource, col(Resource.id) == Run.resource_id)
        .where(FollowUp.resource_id == consumer.id, *PENDING)
        .order_by(col(FollowUp.created_at))
    ).all()
    session.refresh(consumer)
    if not owed or consumer.active_run_id is not None:
        return
    wanted = [one for one in owed if not _is_dropped(session, one[0], one[2], consumer)]
    if not wanted:
        return
    names = ", ".join(dict.fromkeys(provider.name for _, _, provider in wanted))
    try:
        run_id, problem = _ask(context, session, consumer, wanted[-1][1], names), ""
    except FairwayError as error:
        run_id, problem = None, f"Its update could not be asked for: {error.detail}"
    for follow_up, _, _ in wanted:
        follow_up.run_id, follow_up.problem = run_id, problem[:1000]
        session.add(follow_up)
    session.flush()


def waiting(session: Session) -> Sequence[str]:
    """The ids of deployments that could follow now."""
    query = select(FollowUp.resource_id).join(Resource, col(Resource.id) == FollowUp.resource_id)
    return session.exec(query.where(col(Resource.active_run_id).is_(None), *PENDING).distinct()).all()


def pass_on(session: Session, run: Run, again: Run) -> None:
    """What is tried again follows in place of what failed."""
    session.exec(update(FollowUp).where(col(FollowUp.run_id) == run.id).values(run_id=again.id))


def cause(session: Session, run: Run) -> str | None:
    """The id of the run that this one follows."""
    query = select(FollowUp.cause_id).where(FollowUp.run_id == run.id).order_by(col(FollowUp.created_at).desc())
    return session.exec(query).first()


def documents(session: Session, cause: Run) -> list[FollowerDocument]:
    """Those that follow this run, in the order of their names."""
    return _documents(session, col(FollowUp.cause_id) == cause.id)


def missing(session: Session, provider: Resource) -> list[FollowerDocument]:
    """Those that did not take the password of the newest run that brought one, nor succeeded with anything since."""
    newest = session.exec(
        select(Run)
        .join(FollowUp, col(FollowUp.cause_id) == Run.id)
        .where(Run.resource_id == provider.id)
        .order_by(col(Run.created_at).desc())
    ).first()
    if newest is None:
        return []
    since = select(Run.resource_id).where(
        Run.state == RunState.SUCCEEDED,
        Run.operation != Operation.REFRESH,
        col(Run.applying_at) >= newest.ended_at,
    )
    bound = select(Binding.consumer_id).where(Binding.provider_id == provider.id)
    return _documents(
        session,
        col(FollowUp.cause_id) == newest.id,
        col(FollowUp.resource_id).not_in(since),
        col(FollowUp.resource_id).in_(bound),
    )


def _documents(session: Session, *conditions: ColumnElement[bool]) -> list[FollowerDocument]:
    rows = session.exec(
        select(FollowUp, Resource, Service.name, Run)
        .join(Resource, col(Resource.id) == FollowUp.resource_id)
        .join(Service, col(Service.id) == Resource.service_id)
        .join(Run, col(Run.id) == FollowUp.run_id, isouter=True)
        .where(*conditions)
        .order_by(col(Resource.name), col(Resource.id))
    ).all()
    return [
        {
            "id": resource.id,
            "name": resource.name,
            "service": service,
            "run": run.id if run else None,
            "state": str(run.state) if run else "dropped" if follow_up.problem else "waiting",
            "detail": _detail(follow_up, run),
            "waits_for": None if run or follow_up.problem else resource.active_run_id,
        }
        for follow_up, resource, service, run in rows
    ]


def _detail(follow_up: FollowUp, run: Run | None) -> str:
    if run is not None and run.decision == "rejected":
        return ": ".join(filter(None, ("Rejected", run.decision_comment)))
    if run is not None:
        return str((run.error or {}).get("message", ""))
    return follow_up.problem or "It is busy with another run, and follows when that ends"


def _line(follower: FollowerDocument) -> str:
    name = f"{follower['service']}/{follower['name']}"
    if follower["run"]:
        return f"{name} follows with the run {follower['run'][-8:]}"
    word = "follows later" if follower["state"] == "waiting" else "does not follow"
    return f"{name} {word}: {follower['detail']}"


def _is_dropped(session: Session, follow_up: FollowUp, provider: Resource, consumer: Resource) -> bool:
    """Sets the reason why nothing is owed any more."""
    bound = select(Binding.id).where(Binding.provider_id == provider.id, Binding.consumer_id == consumer.id)
    if consumer.destroyed_at is not None:
        follow_up.problem = "It is destroyed"
    elif session.exec(bound).first() is None:
        follow_up.problem = f"It is not bound to {provider.name} any more"
    elif consumer.applied is None:
        follow_up.problem = "It was never ready; its next run takes the new password"
    session.add(follow_up)
    return bool(follow_up.problem)


def _ask(context: Context, session: Session, consumer: Resource, cause: Run, names: str) -> str:
    """On behalf of who asked for the password, with Fairway's own rights."""
    person = people.actor_for(session, people.by_id(session, cause.requested_by), "system")
    actor: Actor = replace(person, admin=True)
    wish = for_resource(Operation.UPDATE, consumer)
    return provisioning.request(context, session, actor, wish, reason=f"Takes the new password of {names}").id
