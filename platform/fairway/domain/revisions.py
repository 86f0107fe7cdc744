"""What was applied, revision after revision, and going back to one."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, func, select

from fairway.domain.actor import Actor
from fairway.domain.documents import RevisionDocument
from fairway.errors import Conflict, Invalid
from fairway.models import Resource, Revision, Run, User


def of(session: Session, resource: Resource, limit: int = 50) -> Sequence[Revision]:
    """Newest first; the first one is what is applied. The caller has checked that the resource is visible."""
    query = select(Revision).where(Revision.resource_id == resource.id).order_by(col(Revision.number).desc())
    return session.exec(query.limit(limit)).all()


def documents(session: Session, actor: Actor, resource: Resource) -> list[RevisionDocument]:
    """`{number, plan, parameters, bindings, run, operation, by, reason, created_at, current}`."""
    rows = session.exec(
        select(Revision, Run, User)
        .join(Run, col(Run.id) == Revision.run_id)
        .join(User, col(User.id) == Run.requested_by)
        .where(Revision.resource_id == resource.id)
        .order_by(col(Revision.number).desc())
        .limit(50)
    ).all()
    return [
        {
            "number": revision.number,
            "plan": revision.applied["plan"],
            "parameters": revision.applied["parameters"],
            "bindings": revision.applied["bindings"],
            "run": run.id,
            "operation": str(run.operation),
            "by": user.name,
            "reason": run.reason,
            "created_at": revision.created_at.isoformat(),
            "current": index == 0 and resource.desired == resource.applied,
        }
        for index, (revision, run, user) in enumerate(rows)
    ]


def target(session: Session, resource: Resource, number: int | None) -> Revision:
    """The revision to go back to: the one before the present, or the last that worked when a change has failed since.

    Raises Conflict when there is none, Invalid for an unknown number.
    """
    rows = of(session, resource)
    failed = resource.desired != resource.applied
    if len(rows) < (1 if failed else 2):
        raise Conflict(f"{resource.name} has {len(rows) or 'no'} revision only: there is nothing to go back to")
    if number is None:
        return rows[0 if failed else 1]
    if number == rows[0].number and not failed:
        raise Invalid.field("/revision", f"Revision {number} is what is applied now; choose an earlier one")
    query = select(Revision).where(Revision.resource_id == resource.id, Revision.number == number)
    found = session.exec(query).first()
    if found is None:
        there = ", ".join(str(r.number) for r in rows[0 if failed else 1 : 6])
        raise Invalid.field("/revision", f"{resource.name} has no revision {number}; there are {there}")
    return found


def is_newest(session: Session, resource: Resource, applied: dict[str, Any], offering_version: str) -> bool:
    """Whether the newest revision is just that: a run that brought nothing but another password adds none."""
    newest = next(iter(of(session, resource, limit=1)), None)
    return newest is not None and (newest.applied, newest.offering_version) == (applied, offering_version)


def add(session: Session, resource: Resource, run: Run, applied: dict[str, Any], offering_version: str) -> Revision:
    last = session.exec(select(func.max(Revision.number)).where(Revision.resource_id == resource.id)).one()
    row = Revision(
        resource_id=resource.id,
        number=(last or 0) + 1,
        run_id=run.id,
        applied=applied,
        offering_version=offering_version,
    )
    session.add(row)
    return row
