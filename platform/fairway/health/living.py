"""Every living resource with where it is and what was last seen of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session, col, select

from fairway.models import Environment, Observation, Resource, Service, Team


@dataclass(frozen=True)
class Living:
    """service, environment and team by name."""

    resource: Resource
    observation: Observation | None
    service: str
    environment: str
    team: str


def everything(session: Session) -> Iterator[Living]:
    """In the order in which they were made."""
    teams = {team.id: team.name for team in session.exec(select(Team))}
    query = (
        select(Resource, Observation, Service, Environment)
        .join(Service, col(Service.id) == Resource.service_id)
        .join(Environment, col(Environment.id) == Resource.environment_id)
        .join(Observation, col(Observation.resource_id) == Resource.id, isouter=True)
        .where(col(Resource.destroyed_at).is_(None))
        .order_by(col(Resource.id))
    )
    for resource, observation, service, environment in session.exec(query).all():
        yield Living(resource, observation, service.name, environment.name, teams[service.team_id])
