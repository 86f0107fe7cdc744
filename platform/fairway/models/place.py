"""Where things run: clusters, and the environments with their policies."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from fairway.models.columns import identity, moment, optional_moment, reference


class Cluster(SQLModel, table=True):
    """kubeconfig: sealed text. addressing: `ip` where service addresses are reachable as they are and names are not
    (the sandbox), else `dns`. unreachable_since is kept by the watch caches."""

    __tablename__ = "cluster"

    id: str = identity()
    name: str = Field(max_length=63, unique=True)
    kubeconfig: str
    addressing: str = Field(default="dns", max_length=8)
    sandbox: bool = False
    created_at: datetime = moment()
    unreachable_since: datetime | None = optional_moment()
    unreachable_reason: str = Field(default="", max_length=500)


class Environment(SQLModel, table=True):
    """dev, staging, prod... with its policy.

    protected: what lives here is protected when it is made. approval: runs wait for another person.
    quota_resources: living resources a team may have here; quota_monthly: cents a month; None is no limit.
    """

    __tablename__ = "environment"

    id: str = identity()
    name: str = Field(max_length=20, unique=True)
    position: int = 0
    cluster_id: str = reference("cluster.id")
    protected: bool = False
    approval: bool = False
    chaos: bool = False
    quota_resources: int | None = None
    quota_monthly: int | None = None
    created_at: datetime = moment()
    version: int = 1
