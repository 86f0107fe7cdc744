"""Experiments: definitions of trials that are kept, each about one resource."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from fairway.db.clock import now
from fairway.domain import access, audit, names, resources, trial_rules
from fairway.domain.actor import Actor
from fairway.domain.trial_documents import ExperimentDocument
from fairway.errors import Conflict, Edited, NotFound
from fairway.models import Experiment, Resource, Role


def create(session: Session, actor: Actor, name: str, definition: Mapping[str, Any]) -> Experiment:
    """definition: as `fairway_chaos.reading` reads it; its `resource` is an id or a name."""
    experiment = trial_rules.read(definition)
    resource = resources.named(session, actor, experiment.resource)
    team_id = resources.owner(session, resource)
    access.require_role(actor, team_id, Role.MEMBER, f"keep experiments on {resource.name}")
    names.check(name, "/name", "experiment")
    _check_free(session, resource, name)
    row = Experiment(
        resource_id=resource.id,
        name=name,
        definition={**experiment.document(), "resource": resource.id},
        created_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "experiment.create", ("experiment", row.id, name), team_id=team_id)
    return row


def visible(session: Session, actor: Actor, resource: Resource | None = None, limit: int = 200) -> Sequence[Experiment]:
    """Of the actor's teams, by name."""
    access.require_scope(actor, "read", "list experiments")
    query = select(Experiment).order_by(col(Experiment.name), col(Experiment.id)).limit(limit)
    if resource is not None:
        query = query.where(Experiment.resource_id == resource.id)
    if not actor.admin:
        query = query.where(col(Experiment.resource_id).in_(trial_rules.resources_of(actor)))
    return session.exec(query).all()


def named(session: Session, actor: Actor, ref: str) -> Experiment:
    """By id, or by a name that is the only one."""
    found = [row for row in visible(session, actor, limit=10000) if ref in (row.id, row.name)]
    if not found:
        raise NotFound(f"There is no experiment {ref} of yours", hint="`fairway chaos list` shows them.")
    if len(found) > 1:
        raise Conflict(f"There are {len(found)} experiments named {ref}", hint="Say which by its id.")
    return found[0]


def change(
    session: Session, actor: Actor, row: Experiment, definition: Mapping[str, Any], version: int | None
) -> Experiment:
    """The resource stays: another one's is another experiment."""
    resource, team_id = _may_change(session, actor, row, "change")
    if version is not None and version != row.version:
        raise Edited(f"{row.name} was changed in the meantime", hint="Load it again and repeat your change.")
    after = {**trial_rules.read({"resource": resource.id, **definition}).document(), "resource": resource.id}
    diff = audit.changes(row.definition, after)
    if diff:
        row.definition, row.version, row.updated_at = after, row.version + 1, now()
        session.add(row)
        audit.record(session, actor, "experiment.change", ("experiment", row.id, row.name), team_id=team_id, diff=diff)
    return row


def delete(session: Session, actor: Actor, row: Experiment) -> None:
    """Its trials stay on record."""
    _, team_id = _may_change(session, actor, row, "delete")
    audit.record(session, actor, "experiment.delete", ("experiment", row.id, row.name), team_id=team_id)
    session.delete(row)


def document(row: Experiment) -> ExperimentDocument:
    return {
        "id": row.id,
        "name": row.name,
        "resource": row.resource_id,
        "definition": row.definition,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "version": row.version,
    }


def _may_change(session: Session, actor: Actor, row: Experiment, verb: str) -> tuple[Resource, str]:
    resource = session.get_one(Resource, row.resource_id)
    team_id = resources.owner(session, resource)
    access.require_role(actor, team_id, Role.MEMBER, f"{verb} experiments on {resource.name}")
    return resource, team_id


def _check_free(session: Session, resource: Resource, name: str) -> None:
    query = select(Experiment.id).where(Experiment.resource_id == resource.id, Experiment.name == name)
    if session.exec(query).first():
        raise Conflict(f"{resource.name} has an experiment {name} already", hint="Change it, or choose another name.")
