"""Turning a wish into what it means here and now: checked against access, schema, bindings, quota and budget."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from fairway.domain import (
    access,
    bindings,
    environments,
    limits,
    names,
    offerings,
    resources,
    revisions,
    rotation,
    services,
)
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.domain.wishes import Wish
from fairway.errors import Conflict, FieldError, Invalid
from fairway.models import Environment, Operation, Resource, Role, Service, Team
from fairway_catalog import InvalidParameters, Offering, PriceLine, immutable_changes, price_lines, validate

CHANGING = frozenset({Operation.CREATE, Operation.UPDATE, Operation.ROTATE, Operation.ROLLBACK})
SUPPORTED = CHANGING | {Operation.DESTROY, Operation.REFRESH}


@dataclass(frozen=True)
class Settled:
    """desired is in the shape of Resource.desired; prices in cents a month; resource None for one to be made.
    followers: the deployments that take a new password afterwards, `service/name`."""

    operation: Operation
    team: Team
    service: Service
    environment: Environment
    offering: Offering
    name: str
    resource: Resource | None
    desired: dict[str, Any]
    providers: tuple[Resource, ...]
    price_before: int
    lines: tuple[PriceLine, ...]
    followers: tuple[str, ...] = ()

    @property
    def price_after(self) -> int:
        return sum(line.cents for line in self.lines)

    @property
    def needs_approval(self) -> bool:
        """A refresh only looks."""
        return self.environment.approval and self.operation is not Operation.REFRESH

    @property
    def digest(self) -> str:
        """Over everything that the outcome depends on."""
        row = self.resource
        text = json.dumps(
            {
                "operation": self.operation,
                "where": [self.service.id, self.environment.id, self.environment.cluster_id, self.name],
                "offering": [self.offering.name, self.offering.version],
                "desired": self.desired,
                "start": None if row is None else [row.id, row.applied, row.offering_version, row.seeds],
                "followers": self.followers,
                "providers": [[p.id, p.outputs, p.credentials] for p in self.providers],
            },
            sort_keys=True,
        )
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def fields(self) -> list[dict[str, Any]]:
        """`[{field, before, after}]` of plan, parameters and bindings, those that change."""
        before = flat(self.resource.applied if self.resource else None)
        after = {} if self.operation is Operation.DESTROY else flat(self.desired)
        keys = [*after, *(k for k in before if k not in after)]
        found = [
            {"field": k, "before": before.get(k), "after": after.get(k)} for k in keys if before.get(k) != after.get(k)
        ]
        return [*found, rotation.FIELD] if self.operation is Operation.ROTATE else found


def settle(context: Context, session: Session, actor: Actor, wish: Wish) -> Settled:
    """Raises Invalid with every wrong field, NotFound, Refused, QuotaExceeded or Conflict; changes nothing."""
    if wish.operation not in SUPPORTED:
        raise Invalid.field("/operation", f"Nothing here can {wish.operation} yet; possible: {', '.join(SUPPORTED)}")
    existing = _existing(session, actor, wish)
    service = services.named(session, actor, existing.service_id if existing else _given(wish.service, "service"))
    where = existing.environment_id if existing else _given(wish.environment, "environment")
    environment = environments.named(session, actor, where)
    team = session.get_one(Team, service.team_id)
    access.require_role(actor, team.id, Role.MEMBER, f"{wish.operation} resources of team {team.name}")
    if wish.operation is Operation.ROTATE and existing is not None:
        rotation.check(context, existing, wish)
    offering, desired = _desire(context, session, wish, existing)
    if existing is None:
        _check_name(session, service, environment, wish.name)
    provided: tuple[Resource, ...] = ()
    lines: tuple[PriceLine, ...] = ()
    if wish.operation in CHANGING:
        desired, provided = _check(context, session, offering, desired, service, environment, existing)
        lines = price_lines(offering, desired["plan"], desired["parameters"])
        price = sum(line.cents for line in lines)
        limits.check(session, team, environment, existing, price)
    elif wish.operation is Operation.REFRESH:
        lines = price_lines(offering, desired["plan"], desired["parameters"])
    return Settled(
        wish.operation,
        team,
        service,
        environment,
        offering,
        existing.name if existing else wish.name,
        existing,
        desired,
        provided,
        existing.price_monthly if existing and existing.applied else 0,
        lines,
        _followers(session, wish.operation, existing),
    )


def flat(desired: Mapping[str, Any] | None) -> dict[str, Any]:
    """One level of names for people: `plan`, `parameters.<name>`, `bindings`."""
    if desired is None:
        return {}
    named = {f"parameters.{name}": value for name, value in desired.get("parameters", {}).items()}
    found = {"plan": desired.get("plan"), **named, "bindings": list(desired.get("bindings", []))}
    return {name: value for name, value in found.items() if value not in ("", [], {})}


def _existing(session: Session, actor: Actor, wish: Wish) -> Resource | None:
    """The living resource that the wish is about. A create names one only when it is tried again."""
    if wish.operation is Operation.CREATE and wish.resource_id is None:
        return None
    row = resources.named(session, actor, wish.resource_id or wish.name, wish.service, wish.environment)
    if row.destroyed_at is not None:
        raise Conflict(f"{row.name} is destroyed", hint="Create a new one.")
    if wish.operation in (Operation.ROLLBACK, Operation.ROTATE, Operation.REFRESH) and row.applied is None:
        raise Conflict(f"{row.name} was never ready: there is nothing to {wish.operation}")
    return row


def _given(value: str, what: str) -> str:
    if not value:
        raise Invalid.field(f"/{what}", f"Say for which {what}")
    return value


def _desire(
    context: Context, session: Session, wish: Wish, existing: Resource | None
) -> tuple[Offering, dict[str, Any]]:
    """The offering, and what is wanted before it is checked."""
    if existing is None:
        offering = offerings.find(context, _given(wish.offering, "offering"))
        given = {k: v for k, v in wish.parameters.items() if v is not None}
        plan = wish.plan or offering.plans[0].name
        return offering, {"plan": plan, "parameters": given, "bindings": list(wish.bindings or ())}
    offering = offerings.find(context, existing.offering, existing.offering_version)
    present = existing.applied or existing.desired
    if wish.operation is Operation.ROLLBACK:
        revision = revisions.target(session, existing, wish.revision)
        return offerings.find(context, existing.offering, revision.offering_version), dict(revision.applied)
    if wish.operation not in CHANGING:
        return offering, dict(present)
    laid = {**present.get("parameters", {}), **wish.parameters}
    return offering, {
        "plan": wish.plan or present["plan"],
        "parameters": {k: v for k, v in laid.items() if v is not None},
        "bindings": list(present.get("bindings", []) if wish.bindings is None else wish.bindings),
    }


def _check(
    context: Context,
    session: Session,
    offering: Offering,
    desired: dict[str, Any],
    service: Service,
    environment: Environment,
    existing: Resource | None,
) -> tuple[dict[str, Any], tuple[Resource, ...]]:
    """What is wanted with defaults filled in, and the resources that it is bound to. Raises Invalid, all at once."""
    errors: list[FieldError] = []
    if offering.plan(desired["plan"]) is None:
        there = ", ".join(p.name for p in offering.plans)
        errors.append(FieldError("/plan", f"{offering.name} has no plan {desired['plan']}; it has {there}"))
    parameters = desired["parameters"]
    try:
        parameters = validate(offering, parameters)
    except InvalidParameters as error:
        errors += [FieldError(f"/parameters{pointer}", detail) for pointer, detail in error.errors]
    applied = (existing.applied or {}).get("parameters", {}) if existing else {}
    for name in immutable_changes(offering, applied, parameters):
        sentence = f"{name} is fixed once created: it is {applied[name]!r}, and another needs a new {offering.name}"
        errors.append(FieldError(f"/parameters/{name}", sentence))
    provided: tuple[Resource, ...] = ()
    try:
        wanted = desired["bindings"]
        provided = bindings.providers(session, context.catalog, offering, service, environment, wanted, existing)
    except Invalid as error:
        errors += error.fields
    if errors:
        raise Invalid("; ".join(e.detail for e in errors), fields=errors)
    settled = {"plan": desired["plan"], "parameters": parameters, "bindings": [p.name for p in provided]}
    return settled, provided


def _followers(session: Session, operation: Operation, existing: Resource | None) -> tuple[str, ...]:
    """Also of what goes on to a password that an earlier run did not bring to its end."""
    if existing is None or operation not in CHANGING:
        return ()
    if operation is not Operation.ROTATE and not rotation.is_unfinished(existing):
        return ()
    return tuple(bindings.paths(session, bindings.consumers(session, existing)))


def _check_name(session: Session, service: Service, environment: Environment, name: str) -> None:
    names.check(name, "/name", "resource")
    taken = session.exec(
        select(Resource.id).where(
            Resource.service_id == service.id,
            Resource.environment_id == environment.id,
            Resource.name == name,
            col(Resource.destroyed_at).is_(None),
        )
    ).first()
    if taken:
        raise Conflict(
            f"{service.name} has a {name} in {environment.name} already",
            hint="Choose another name, or change that one.",
        )
