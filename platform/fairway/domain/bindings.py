"""Bindings: a deployment uses resources of its own team and environment."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, delete, select

from fairway.domain.documents import BindingsDocument, BoundDocument
from fairway.errors import FieldError, Invalid
from fairway.models import Binding, Environment, Resource, ResourceState, Service
from fairway_catalog import Catalog, Offering


def providers(
    session: Session,
    catalog: Catalog,
    offering: Offering,
    service: Service,
    environment: Environment,
    names: Collection[str],
    consumer: Resource | None,
) -> tuple[Resource, ...]:
    """The resources of these names, in this order. Raises Invalid for one that cannot be bound, saying which can.

    A name of the consumer's own service wins over the same name elsewhere in the team.
    """
    if names and not offering.binds:
        raise Invalid.field("/bindings", f"A {offering.name} uses nothing else: leave the bindings away")
    found, errors = [], []
    candidates = bindable(session, catalog, service, environment, consumer)
    for index, name in enumerate(dict.fromkeys(names)):
        provider = _choose(candidates, service, name)
        if provider is None:
            there = ", ".join(sorted(r.name for r, _ in candidates)) or "none yet"
            errors.append(
                FieldError(
                    f"/bindings/{index}",
                    f"There is no {name} that could be bound in {environment.name}; there is {there}",
                )
            )
        else:
            found.append(provider)
    if errors:
        raise Invalid(errors[0].detail, fields=errors)
    return tuple(found)


def bindable(
    session: Session, catalog: Catalog, service: Service, environment: Environment, consumer: Resource | None = None
) -> list[tuple[Resource, Service]]:
    """What a deployment of this service could use in this environment."""
    query = (
        select(Resource, Service)
        .join(Service, col(Service.id) == Resource.service_id)
        .where(
            Service.team_id == service.team_id,
            Resource.environment_id == environment.id,
            col(Resource.destroyed_at).is_(None),
            Resource.state != ResourceState.DESTROYING,
        )
        .order_by(col(Resource.name))
    )
    giving = {o.name for o in catalog if o.binding is not None}
    rows = session.exec(query).all()
    return [(r, s) for r, s in rows if r.offering in giving and (consumer is None or r.id != consumer.id)]


def consumers(session: Session, resource: Resource) -> Sequence[Resource]:
    """The living resources that use this one."""
    query = (
        select(Resource)
        .join(Binding, col(Binding.consumer_id) == Resource.id)
        .where(Binding.provider_id == resource.id, col(Resource.destroyed_at).is_(None))
        .order_by(col(Resource.name), col(Resource.id))
    )
    return session.exec(query).all()


def paths(session: Session, rows: Collection[Resource]) -> list[str]:
    """`service/name` of each."""
    query = select(Service.id, Service.name).where(col(Service.id).in_({r.service_id for r in rows}))
    owners = dict(session.exec(query).all())
    return [f"{owners[r.service_id]}/{r.name}" for r in rows]


def used(session: Session, resource: Resource) -> Sequence[Resource]:
    """What this resource uses."""
    query = (
        select(Resource)
        .join(Binding, col(Binding.provider_id) == Resource.id)
        .where(Binding.consumer_id == resource.id)
        .order_by(col(Resource.name))
    )
    return session.exec(query).all()


def add(session: Session, consumer: Resource, provided: Collection[Resource]) -> None:
    """From the request on, so that nobody destroys what is about to be used."""
    there = set(session.exec(select(Binding.provider_id).where(Binding.consumer_id == consumer.id)).all())
    session.add_all(Binding(consumer_id=consumer.id, provider_id=p.id) for p in provided if p.id not in there)


def keep_only(session: Session, consumer: Resource, names: Collection[str]) -> None:
    """What is not used any more may be destroyed."""
    gone = [p.id for p in used(session, consumer) if p.name not in names]
    session.exec(delete(Binding).where(col(Binding.consumer_id) == consumer.id, col(Binding.provider_id).in_(gone)))


def document(session: Session, resource: Resource) -> BindingsDocument:
    """`{uses: [...], used_by: [...]}`, each `{id, name, offering, state}`."""
    return {
        "uses": [_brief(r) for r in used(session, resource)],
        "used_by": [_brief(r) for r in consumers(session, resource)],
    }


def _choose(candidates: Collection[tuple[Resource, Service]], service: Service, name: str) -> Resource | None:
    matching = [(r, s) for r, s in candidates if name in (r.name, r.id)]
    own = [r for r, s in matching if s.id == service.id]
    if own:
        return own[0]
    return matching[0][0] if len(matching) == 1 else None


def _brief(row: Resource) -> BoundDocument:
    return {"id": row.id, "name": row.name, "offering": row.offering, "state": str(row.state)}
