"""The tables. Importing this package fills SQLModel's metadata; a new module is named here."""

from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

from fairway.models.audit import AuditEntry  # noqa: E402
from fairway.models.chaos import Experiment, Intent, KillSwitch, Trial, TrialState  # noqa: E402
from fairway.models.event import Event  # noqa: E402
from fairway.models.follow_up import FollowUp  # noqa: E402
from fairway.models.identity import Invitation, Session, SignInLink, Token, User  # noqa: E402
from fairway.models.lease import IdempotentReply, Lease  # noqa: E402
from fairway.models.observation import Observation  # noqa: E402
from fairway.models.place import Cluster, Environment  # noqa: E402
from fairway.models.resource import Binding, Resource, ResourceState, Revision  # noqa: E402
from fairway.models.run import Operation, Preview, PreviewState, Run, RunState  # noqa: E402
from fairway.models.slo import Slo  # noqa: E402
from fairway.models.team import Membership, Role, Service, Team  # noqa: E402

__all__ = [
    "AuditEntry",
    "Binding",
    "Cluster",
    "Environment",
    "Event",
    "Experiment",
    "FollowUp",
    "IdempotentReply",
    "Intent",
    "Invitation",
    "KillSwitch",
    "Lease",
    "Membership",
    "Observation",
    "Operation",
    "Preview",
    "PreviewState",
    "Resource",
    "ResourceState",
    "Revision",
    "Role",
    "Run",
    "RunState",
    "Service",
    "Session",
    "SignInLink",
    "Slo",
    "Team",
    "Token",
    "Trial",
    "TrialState",
    "User",
]
