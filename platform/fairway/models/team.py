"""Teams, who is in them, and the services that they own."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from fairway.models.columns import identity, moment, reference


class Role(StrEnum):
    """What a person may do in a team: viewers read, members provision, owners also invite and set the team up."""

    VIEWER = "viewer"
    MEMBER = "member"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        return list(Role).index(self)


class Team(SQLModel, table=True):
    """budget_monthly: cents a month that its resources may cost together; None is no limit."""

    __tablename__ = "team"

    id: str = identity()
    name: str = Field(max_length=40, unique=True)
    title: str = Field(default="", max_length=200)
    budget_monthly: int | None = None
    created_at: datetime = moment()
    version: int = 1


class Membership(SQLModel, table=True):
    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("team_id", "user_id"),)

    id: str = identity()
    team_id: str = reference("team.id", ondelete="CASCADE")
    user_id: str = reference("user_account.id", ondelete="CASCADE")
    role: Role = Field(default=Role.MEMBER)
    created_at: datetime = moment()


class Service(SQLModel, table=True):
    """A piece of software; it groups resources."""

    __tablename__ = "service"

    id: str = identity()
    name: str = Field(max_length=40, unique=True)
    team_id: str = reference("team.id")
    summary: str = Field(default="", max_length=500)
    created_at: datetime = moment()
    version: int = 1
