"""Environments: where things may run, and under which policy."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlmodel import Session, col, select

from fairway.domain import access, audit, names
from fairway.domain.actor import Actor
from fairway.errors import Conflict, Edited, Invalid, NotFound
from fairway.models import Cluster, Environment


@dataclass(frozen=True)
class Policy:
    """See fairway.models.Environment. Quotas are per team; money in cents a month."""

    protected: bool = False
    approval: bool = False
    chaos: bool = False
    quota_resources: int | None = None
    quota_monthly: int | None = None

    @classmethod
    def of(cls, environment: Environment) -> "Policy":
        return cls(
            environment.protected,
            environment.approval,
            environment.chaos,
            environment.quota_resources,
            environment.quota_monthly,
        )


def create(session: Session, actor: Actor, name: str, cluster: str, policy: Policy) -> Environment:
    access.require_admin(actor, "make environments")
    names.check(name, "/name", "environment", longest=20)
    _check(policy)
    if session.exec(select(Environment.id).where(Environment.name == name)).first():
        raise Conflict(f"There is already an environment {name}", hint="Change its policy instead.")
    row = session.exec(select(Cluster).where(Cluster.name == cluster)).first()
    if row is None:
        raise Invalid.field("/cluster", f"There is no cluster {cluster}; clusters come from FAIRWAY_KUBECONFIG")
    last = session.exec(select(Environment.position).order_by(col(Environment.position).desc())).first()
    environment = Environment(name=name, cluster_id=row.id, position=(last or 0) + 1, **asdict(policy))
    session.add(environment)
    session.flush()
    diff = audit.changes({}, {"cluster": cluster, **asdict(policy)})
    audit.record(session, actor, "environment.create", ("environment", environment.id, name), diff=diff)
    return environment


def everywhere(session: Session, actor: Actor) -> Sequence[Environment]:
    access.require_scope(actor, "read", "list environments")
    return session.exec(select(Environment).order_by(col(Environment.position), col(Environment.name))).all()


def named(session: Session, actor: Actor, name: str) -> Environment:
    """By name or id."""
    access.require_scope(actor, "read", "see environments")
    row = session.exec(
        select(Environment).where((col(Environment.name) == name) | (col(Environment.id) == name))
    ).first()
    if row is None:
        there = ", ".join(e.name for e in everywhere(session, actor))
        raise NotFound(f"There is no environment {name}", hint=f"There are {there or 'none yet'}.")
    return row


def set_policy(
    session: Session, actor: Actor, environment: Environment, policy: Policy, version: int | None
) -> Environment:
    access.require_admin(actor, "change the policy of environments")
    _check(policy)
    if version is not None and version != environment.version:
        raise Edited(f"{environment.name} was changed in the meantime", hint="Load it again and repeat your change.")
    diff = audit.changes(asdict(Policy.of(environment)), asdict(policy))
    if diff:
        for field, value in asdict(policy).items():
            setattr(environment, field, value)
        environment.version += 1
        session.add(environment)
        target = ("environment", environment.id, environment.name)
        audit.record(session, actor, "environment.set_policy", target, diff=diff)
    return environment


def clusters(session: Session, actor: Actor) -> Sequence[Cluster]:
    """The kubeconfigs in the rows are sealed; show names and state only."""
    access.require_scope(actor, "read", "list clusters")
    return session.exec(select(Cluster).order_by(col(Cluster.name))).all()


def _check(policy: Policy) -> None:
    for field, most in (("quota_resources", 10**6), ("quota_monthly", 10**12)):
        value = getattr(policy, field)
        if value is not None and not 0 <= value <= most:
            raise Invalid.field(f"/{field}", "A quota is a whole number from 0 up, or none for no limit")
