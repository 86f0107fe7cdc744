"""Services: the software that teams own."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from fairway.domain import access, audit, names
from fairway.domain.actor import Actor
from fairway.errors import Conflict, Edited, Invalid, NotFound
from fairway.models import Resource, Role, Service, Team


def create(session: Session, actor: Actor, name: str, team: Team, *, summary: str = "") -> Service:
    access.require_role(actor, team.id, Role.MEMBER, f"make services for team {team.name}")
    names.check(name, "/name", "service")
    _check_summary(summary)
    if session.exec(select(Service.id).where(Service.name == name)).first():
        raise Conflict(f"The service name {name} is taken", hint="Service names are unique here: choose another one.")
    service = Service(name=name, team_id=team.id, summary=summary.strip())
    session.add(service)
    session.flush()
    audit.record(session, actor, "service.create", ("service", service.id, service.name), team_id=team.id)
    return service


def visible(session: Session, actor: Actor) -> Sequence[Service]:
    access.require_scope(actor, "read", "list services")
    query = select(Service).order_by(col(Service.name))
    if not actor.admin:
        query = query.where(col(Service.team_id).in_(actor.teams))
    return session.exec(query).all()


def named(session: Session, actor: Actor, name: str) -> Service:
    """By name or id."""
    service = session.exec(select(Service).where((col(Service.name) == name) | (col(Service.id) == name))).first()
    if service is None or actor.role_in(service.team_id) is None:
        raise NotFound(f"There is no service {name} of yours", hint="`fairway service list` shows them.")
    access.require_role(actor, service.team_id, Role.VIEWER, f"see service {service.name}")
    return service


def change(session: Session, actor: Actor, service: Service, *, summary: str, version: int | None) -> Service:
    access.require_role(actor, service.team_id, Role.MEMBER, f"change service {service.name}")
    _check_summary(summary)
    if version is not None and version != service.version:
        raise Edited(f"Service {service.name} was changed in the meantime", hint="Load it again and repeat.")
    diff = audit.changes({"summary": service.summary}, {"summary": summary.strip()})
    if diff:
        service.summary, service.version = summary.strip(), service.version + 1
        session.add(service)
        _record(session, actor, "service.change", service, diff)
    return service


def delete(session: Session, actor: Actor, service: Service) -> None:
    """Only a service in which nothing lives; its destroyed resources keep it on record, so it stays when it had any."""
    access.require_role(actor, service.team_id, Role.OWNER, f"delete service {service.name}")
    living = session.exec(
        select(Resource.name).where(Resource.service_id == service.id, col(Resource.destroyed_at).is_(None))
    ).all()
    if living:
        raise Conflict(
            f"{len(living)} resources live in {service.name}: {', '.join(sorted(living)[:5])}",
            hint="Destroy them first.",
        )
    if session.exec(select(Resource.id).where(Resource.service_id == service.id)).first():
        raise Conflict(f"{service.name} has a history of resources and stays on record")
    _record(session, actor, "service.delete", service, {})
    session.delete(service)


def _check_summary(summary: str) -> None:
    if len(summary) > 500:
        raise Invalid.field("/summary", f"The summary has {len(summary)} characters; 500 is the most")


def _record(session: Session, actor: Actor, action: str, service: Service, diff: dict[str, list[object]]) -> None:
    target = ("service", service.id, service.name)
    audit.record(session, actor, action, target, team_id=service.team_id, diff=diff)
