"""Teams and who is in them."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from fairway.domain import access, audit, names, people
from fairway.domain.actor import Actor
from fairway.errors import Conflict, Edited, Invalid, NotFound
from fairway.models import Membership, Role, Team, User


def create(session: Session, actor: Actor, name: str, *, title: str = "", budget_monthly: int | None = None) -> Team:
    """Whoever makes a team owns it."""
    access.require_scope(actor, "write", "make teams")
    names.check(name, "/name", "team")
    _check_budget(budget_monthly)
    if session.exec(select(Team.id).where(Team.name == name)).first():
        raise Conflict(f"There is already a team named {name}", hint="Choose another name, or ask to be invited.")
    team = Team(name=name, title=title.strip(), budget_monthly=budget_monthly)
    session.add(team)
    session.flush()
    if actor.user_id:
        session.add(Membership(team_id=team.id, user_id=actor.user_id, role=Role.OWNER))
    audit.record(session, actor, "team.create", ("team", team.id, team.name), team_id=team.id)
    return team


def visible(session: Session, actor: Actor) -> Sequence[Team]:
    """All of an admin's, else those that one is in."""
    access.require_scope(actor, "read", "list teams")
    query = select(Team).order_by(col(Team.name))
    if not actor.admin:
        query = query.where(col(Team.id).in_(actor.teams))
    return session.exec(query).all()


def named(session: Session, actor: Actor, name: str) -> Team:
    """By name or id."""
    team = session.exec(select(Team).where((col(Team.name) == name) | (col(Team.id) == name))).first()
    if team is None or actor.role_in(team.id) is None:
        raise NotFound(f"There is no team {name} that you are in", hint="`fairway team list` shows yours.")
    access.require_role(actor, team.id, Role.VIEWER, f"see team {team.name}")
    return team


def only(session: Session, actor: Actor) -> Team:
    """The one team of somebody who named none; an admin's first own one. Raises Invalid when it is not clear."""
    query = select(Team).where(col(Team.id).in_(actor.teams)).order_by(col(Team.created_at))
    found = session.exec(query).all()
    if len(found) == 1:
        return found[0]
    mine = ", ".join(t.name for t in found)
    raise Invalid.field("/team", f"Say which team: you are in {mine}" if mine else "You are in no team yet: make one")


def change(
    session: Session, actor: Actor, team: Team, *, title: str, budget_monthly: int | None, version: int | None
) -> Team:
    access.require_role(actor, team.id, Role.OWNER, f"change team {team.name}")
    _check_budget(budget_monthly)
    if version is not None and version != team.version:
        raise Edited(f"Team {team.name} was changed in the meantime", hint="Load it again and repeat your change.")
    diff = audit.changes(
        {"title": team.title, "budget_monthly": team.budget_monthly},
        {"title": title.strip(), "budget_monthly": budget_monthly},
    )
    if diff:
        team.title, team.budget_monthly, team.version = title.strip(), budget_monthly, team.version + 1
        session.add(team)
        audit.record(session, actor, "team.change", ("team", team.id, team.name), team_id=team.id, diff=diff)
    return team


def members(session: Session, actor: Actor, team: Team) -> Sequence[tuple[User, Membership]]:
    access.require_role(actor, team.id, Role.VIEWER, f"see who is in team {team.name}")
    query = (
        select(User, Membership)
        .join(Membership, col(Membership.user_id) == User.id)
        .where(Membership.team_id == team.id)
        .order_by(col(User.name))
    )
    return session.exec(query).all()


def set_role(session: Session, actor: Actor, team: Team, name: str, role: Role) -> Membership:
    """Adds the person when they are not in the team yet. The last owner stays one."""
    access.require_role(actor, team.id, Role.OWNER, f"set roles in team {team.name}")
    user = people.named(session, name)
    row = _membership(session, team, user)
    before = row.role if row else None
    if before is Role.OWNER and role is not Role.OWNER:
        _keep_an_owner(session, team)
    row = row or Membership(team_id=team.id, user_id=user.id)
    row.role = role
    session.add(row)
    if before != role:
        audit.record(
            session,
            actor,
            "team.set_role",
            ("person", user.id, user.name),
            team_id=team.id,
            diff={"role": [before, role]},
        )
    return row


def remove(session: Session, actor: Actor, team: Team, name: str) -> None:
    """An owner removes anybody; everybody may leave."""
    user = people.named(session, name)
    if user.id != actor.user_id:
        access.require_role(actor, team.id, Role.OWNER, f"remove people from team {team.name}")
    row = _membership(session, team, user)
    if row is None:
        raise NotFound(f"{name} is not in team {team.name}")
    if row.role is Role.OWNER:
        _keep_an_owner(session, team)
    session.delete(row)
    audit.record(session, actor, "team.remove", ("person", user.id, user.name), team_id=team.id)


def _membership(session: Session, team: Team, user: User) -> Membership | None:
    query = select(Membership).where(Membership.team_id == team.id, Membership.user_id == user.id)
    return session.exec(query).first()


def _keep_an_owner(session: Session, team: Team) -> None:
    owners = session.exec(
        select(func.count()).where(Membership.team_id == team.id, Membership.role == Role.OWNER)
    ).one()
    if owners < 2:
        raise Conflict(f"Team {team.name} would be left without an owner", hint="Make somebody else an owner first.")


def _check_budget(budget: int | None) -> None:
    if budget is not None and not 0 <= budget <= 10**12:
        raise Invalid.field(
            "/budget_monthly", "A budget is a number of cents a month from 0 up, such as 50000, or none"
        )
