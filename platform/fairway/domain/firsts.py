"""What a fresh platform starts with: an admin, a team, three environments."""

from sqlmodel import Session, col, select

from fairway.domain import environments, people, teams
from fairway.domain.actor import SYSTEM
from fairway.domain.environments import Policy
from fairway.models import Cluster, Environment, Membership, Role, Team, User

ENVIRONMENTS = (
    ("dev", Policy(chaos=True)),
    ("staging", Policy(chaos=True)),
    ("prod", Policy(protected=True, approval=True)),
)


def settle(session: Session, admin: str = "admin", team: str = "first-team") -> User:
    """Idempotent: makes what is missing and changes nothing that is there. Answers the first admin."""
    user = session.exec(select(User).where(col(User.is_admin)).order_by(col(User.created_at))).first()
    if user is None:
        user = people.add(session, SYSTEM, admin, full_name="Administrator", admin=True)
        row = teams.create(session, SYSTEM, team, title="First team")
        session.add(Membership(team_id=row.id, user_id=user.id, role=Role.OWNER))
    _settle_environments(session)
    return user


def _settle_environments(session: Session) -> None:
    """On the first cluster, the sandbox before others; none while there is no cluster yet."""
    if session.exec(select(Environment.id)).first() is not None:
        return
    cluster = session.exec(select(Cluster).order_by(col(Cluster.sandbox).desc(), col(Cluster.name))).first()
    if cluster is None:
        return
    for name, policy in ENVIRONMENTS:
        environments.create(session, SYSTEM, name, cluster.name, policy)


def first_team(session: Session) -> Team | None:
    return session.exec(select(Team).order_by(col(Team.created_at))).first()
