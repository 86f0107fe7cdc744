"""What a trial must satisfy before anybody looks at the cluster: definition, role, policy, confirmation."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from fairway.domain import access, resources
from fairway.domain.actor import Actor
from fairway.errors import Conflict, FieldError, Invalid, Refused
from fairway.models import Environment, Resource, ResourceState, Role, Service
from fairway_chaos import Experiment, Probe, ProbeKind, default_probe, reading
from fairway_chaos.errors import BadExperiment


def read(definition: Mapping[str, Any]) -> Experiment:
    """Raises Invalid with every wrong field."""
    try:
        return reading.read(definition)
    except BadExperiment as error:
        raise invalid(error) from error


def invalid(error: BadExperiment) -> Invalid:
    fields = [FieldError(p.pointer, p.detail) for p in error.problems]
    return Invalid("The experiment is not valid", fields=fields)


def check(session: Session, actor: Actor, resource: Resource, experiment: Experiment) -> None:
    """Role and policy; a living resource that nobody is changing."""
    team_id = resources.owner(session, resource)
    access.require_role(actor, team_id, Role.MEMBER, f"run trials on {resource.name}")
    environment = session.get_one(Environment, resource.environment_id)
    if not environment.chaos:
        raise Refused(
            f"The environment {environment.name} does not allow trials",
            hint="An admin may allow them in the environment's policy.",
        )
    if resource.state is not ResourceState.READY or resource.active_run_id:
        raise Conflict(
            f"{resource.name} is {resource.state}, a run is changing it"
            if resource.active_run_id
            else f"{resource.name} is {resource.state}, and only what is ready is put on trial",
            hint="Wait until it is ready.",
        )
    if experiment.allow_outage:
        access.require_role(actor, team_id, Role.OWNER, f"take all of {resource.name} down")
    _check_probes(actor, resource, experiment)


def check_confirmation(resource: Resource, experiment: Experiment, confirm: str) -> None:
    """An outage on purpose is confirmed by typing what goes down."""
    if experiment.allow_outage and confirm != resource.name:
        raise Invalid.field(
            "/confirm",
            f"This may take all of {resource.name} down, with everything that uses it. Type {resource.name} to confirm",
        )


def settled(resource: Resource, experiment: Experiment) -> Experiment:
    """With the resource's id, and with addresses where the probes have none."""
    hypothesis = experiment.hypothesis
    host, port = _address(resource)
    probe = hypothesis.probe
    if probe is None and host:
        probe = default_probe(resource.offering, host, port)
    elif probe is not None:
        probe = _addressed(probe, host, port)
    probes = tuple(_addressed(p, host, port) for p in hypothesis.probes)
    return replace(experiment, resource=resource.id, hypothesis=replace(hypothesis, probe=probe, probes=probes))


def without_what_is_out_of_reach(experiment: Experiment, reaches: Callable[[str], bool]) -> Experiment:
    """Without a continuous probe whose address means nothing here: then availability stays unmeasured."""
    hypothesis = experiment.hypothesis
    if hypothesis.probe is None or (hypothesis.probe.address and reaches(host_of(hypothesis.probe))):
        return experiment
    return replace(experiment, hypothesis=replace(hypothesis, probe=None))


def resources_of(actor: Actor) -> Any:
    """The ids of what belongs to the actor's teams, as a subquery."""
    mine = select(Service.id).where(col(Service.team_id).in_(actor.teams))
    return select(Resource.id).where(col(Resource.service_id).in_(mine))


def _address(resource: Resource) -> tuple[str, int]:
    return str(resource.outputs.get("host") or ""), int(resource.outputs.get("port") or 0)


def _addressed(probe: Probe, host: str, port: int) -> Probe:
    if probe.address or not host:
        return probe
    if probe.kind is ProbeKind.HTTP:
        return replace(probe, address=f"http://{host}:{port}{probe.path}")
    return replace(probe, address=f"{host}:{port}") if probe.kind is ProbeKind.TCP else probe


def _check_probes(actor: Actor, resource: Resource, experiment: Experiment) -> None:
    """Probes run from the server: they must not become a way to reach, or to run, what one may not."""
    hypothesis = experiment.hypothesis
    named = [("/hypothesis/probe", hypothesis.probe)] if hypothesis.probe else []
    named += [(f"/hypothesis/probes/{n}", probe) for n, probe in enumerate(hypothesis.probes)]
    for pointer, probe in named:
        if probe.kind is ProbeKind.COMMAND:
            raise Invalid.field(f"{pointer}/kind", "Fairway's server runs no commands of yours; choose another kind")
        host = host_of(probe)
        if host and host != _address(resource)[0] and not actor.admin:
            raise Invalid.field(f"{pointer}/address", f"A probe of {resource.name} asks {resource.name}, not {host}")


def host_of(probe: Probe) -> str:
    if probe.kind is ProbeKind.TCP:
        return probe.address.rpartition(":")[0].strip("[]")
    return urlsplit(probe.address).hostname or probe.address
