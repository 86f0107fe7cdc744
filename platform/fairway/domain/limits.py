"""Quotas of an environment and the budget of a team."""

from sqlmodel import Session, col, func, select

from fairway.errors import QuotaExceeded
from fairway.models import Environment, Resource, Service, Team


def check(session: Session, team: Team, environment: Environment, resource: Resource | None, price: int) -> None:
    """Whether the team may have one more here, or this one at that price (cents a month). Raises QuotaExceeded.

    What costs no more than before is always allowed: a budget that was lowered must not stop a repair.
    """
    if resource is not None and price <= resource.price_monthly:
        return
    session.exec(select(Team.id).where(Team.id == team.id).with_for_update()).one()
    if resource is None:
        _check_count(session, team, environment)
    _check_money(session, team, environment, resource, price)


def _check_count(session: Session, team: Team, environment: Environment) -> None:
    if environment.quota_resources is None:
        return
    there = session.exec(
        select(func.count())
        .select_from(Resource)
        .join(Service, col(Service.id) == Resource.service_id)
        .where(
            Service.team_id == team.id,
            Resource.environment_id == environment.id,
            col(Resource.destroyed_at).is_(None),
        )
    ).one()
    if there >= environment.quota_resources:
        raise QuotaExceeded(
            f"Team {team.name} has {there} resources in {environment.name}, and {environment.quota_resources} is its"
            " quota there",
            hint="Destroy one that is not needed any more, or ask an admin for a larger quota.",
        )


def _check_money(session: Session, team: Team, environment: Environment, resource: Resource | None, price: int) -> None:
    living = (
        select(func.coalesce(func.sum(Resource.price_monthly), 0))
        .join(Service, col(Service.id) == Resource.service_id)
        .where(Service.team_id == team.id, col(Resource.destroyed_at).is_(None))
    )
    if resource is not None:
        living = living.where(Resource.id != resource.id)
    here = session.exec(living.where(Resource.environment_id == environment.id)).one()
    if environment.quota_monthly is not None and here + price > environment.quota_monthly:
        raise QuotaExceeded(
            f"This brings team {team.name} to {_money(here + price)} a month in {environment.name}, over its quota of"
            f" {_money(environment.quota_monthly)}",
            hint="Take a smaller plan, or ask an admin for a larger quota.",
        )
    everywhere = session.exec(living).one()
    if team.budget_monthly is not None and everywhere + price > team.budget_monthly:
        raise QuotaExceeded(
            f"This brings team {team.name} to {_money(everywhere + price)} a month, over its budget of"
            f" {_money(team.budget_monthly)}",
            hint="Take a smaller plan, or ask an owner of the team for a larger budget.",
        )


def _money(cents: int) -> str:
    return f"{cents / 100:,.2f}"
