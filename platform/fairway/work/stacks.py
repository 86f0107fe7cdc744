"""What the engine is handed: stacks with their request, their seeds and the cluster's kubeconfig."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from fairway.domain import bindings, connections, offerings, rotation, seeds
from fairway.domain.context import Context
from fairway.domain.settle import Settled
from fairway.errors import Unreachable
from fairway.models import Cluster, Environment, Operation, Resource, ResourceState, Run, Service, Team
from fairway_catalog import Offering
from fairway_stacks.port import Stack

PROJECT = "fairway"
TO_BE_MADE = {"password": "to-be-made"}
NAMESPACE_PROGRAM = "fairway_stacks.programs.namespace:main"


class NotReadyYet(Unreachable):
    """Something that it uses is not ready yet."""

    code = "waiting-for-binding"


def of_run(context: Context, session: Session, run: Run, resource: Resource, offering_version: str) -> Stack:
    """Raises NotReadyYet when it is bound to something that was never ready."""
    offering = offerings.find(context, resource.offering, offering_version)
    used = [p for p in bindings.used(session, resource) if p.name in run.desired.get("bindings", [])]
    secret = seeds.opened(context, resource.id, rotation.wanted(resource, run.operation))
    return _of(context, session, resource, offering, run.desired, used, secret, strict=True)


def of_change(context: Context, session: Session, settled: Settled, resource: Resource) -> Stack:
    """For the preview of a change: what it will be bound to may not be ready yet, nor its next password made."""
    secret = seeds.opened(context, resource.id, rotation.wanted(resource, settled.operation))
    if settled.operation is Operation.ROTATE and not (resource.next_seeds or rotation.is_unfinished(resource)):
        secret = TO_BE_MADE
    return _of(
        context,
        session,
        resource,
        settled.offering,
        settled.desired,
        _providers(session, settled, resource),
        secret,
        strict=False,
    )


def of_settled(context: Context, session: Session, settled: Settled, identity: str) -> Stack:
    """For the preview of a resource that is not there yet: a stack that nothing is kept of."""
    place = f"{settled.service.name}-{settled.environment.name}"
    return _stack(
        context,
        session,
        f"{place}-{settled.name}-preview-{identity[-8:]}",
        settled.offering,
        (settled.service, settled.environment),
        {"resource": identity, "name": settled.name, "namespace": place},
        settled.desired,
        {p.name: p for p in settled.providers},
        TO_BE_MADE,
        strict=False,
    )


def of_namespace(context: Context, session: Session, service: Service, environment: Environment) -> Stack:
    """One per service and environment."""
    cluster = session.get_one(Cluster, environment.cluster_id)
    team = session.get_one(Team, service.team_id)
    namespace = f"{service.name}-{environment.name}"
    request = {
        "namespace": namespace,
        "service": service.name,
        "environment": environment.name,
        "team": team.name,
    }
    return Stack(
        PROJECT,
        f"{namespace}-namespace",
        NAMESPACE_PROGRAM,
        config={"fairway:request": json.dumps(request)},
        kubeconfig=_kubeconfig(context, cluster),
    )


def _providers(session: Session, settled: Settled, resource: Resource) -> Sequence[Resource]:
    return settled.providers or bindings.used(session, resource)


def _of(
    context: Context,
    session: Session,
    resource: Resource,
    offering: Offering,
    desired: Mapping[str, Any],
    used: Sequence[Resource],
    secret: Mapping[str, Any],
    *,
    strict: bool,
) -> Stack:
    service = session.get_one(Service, resource.service_id)
    environment = session.get_one(Environment, resource.environment_id)
    return _stack(
        context,
        session,
        resource.stack,
        offering,
        (service, environment),
        {"resource": resource.id, "name": resource.name, "namespace": resource.namespace},
        desired,
        {p.name: p for p in used},
        secret,
        strict=strict,
    )


def _stack(
    context: Context,
    session: Session,
    name: str,
    offering: Offering,
    place: tuple[Service, Environment],
    identity: Mapping[str, str],
    desired: Mapping[str, Any],
    providers: Mapping[str, Resource],
    made: Mapping[str, Any],
    *,
    strict: bool = True,
) -> Stack:
    service, environment = place
    cluster = session.get_one(Cluster, environment.cluster_id)
    team = session.get_one(Team, service.team_id)
    plan = offering.plan(desired["plan"])
    bound = [_binding(context, providers[n], strict) for n in desired.get("bindings", []) if n in providers]
    request = {
        **identity,
        "service": service.name,
        "environment": environment.name,
        "team": team.name,
        "addressing": cluster.addressing,
        "offering": offering.name,
        "version": offering.version,
        "plan": desired["plan"],
        "size": plan.sized(desired["parameters"]) if plan else {},
        "parameters": desired["parameters"],
        "bindings": [described for described, _ in bound],
    }
    secret = {**made, "bindings": {described["name"]: given for described, given in bound}}
    return Stack(
        PROJECT,
        name,
        offering.program,
        config={"fairway:request": json.dumps(request)},
        secrets={"fairway:seeds": json.dumps(secret)},
        kubeconfig=_kubeconfig(context, cluster),
    )


def _binding(context: Context, provider: Resource, strict: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the program is told of it, and the secret part."""
    if provider.state in (ResourceState.DESTROYING, ResourceState.DESTROYED):
        raise NotReadyYet(f"{provider.name} is {provider.state}")
    if provider.applied is None and strict:
        raise NotReadyYet(f"{provider.name}, which it uses, is not ready yet: it is {provider.state}")
    offering = offerings.find(context, provider.offering, provider.offering_version)
    kind = offering.binding
    described: dict[str, Any] = {
        "name": provider.name,
        "type": kind.type if kind else provider.offering,
        "variable": kind.variable if kind else "",
        "host": provider.outputs.get("host", provider.name),
        "port": provider.outputs.get("port", 0),
        "username": provider.outputs.get("username", ""),
        "database": provider.outputs.get("database", ""),
    }
    secret = connections.credentials(context, provider)
    return described, {"password": secret.get("password", ""), "uri": secret.get("uri", "")}


def _kubeconfig(context: Context, cluster: Cluster) -> str:
    return context.vault.open(cluster.kubeconfig, f"cluster:{cluster.id}")
