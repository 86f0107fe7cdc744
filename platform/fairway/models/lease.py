"""Leases, and replies that are replayed."""

from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from fairway.models.columns import identity, moment, reference


class Lease(SQLModel, table=True):
    """A fenced, expiring right to be the only one: epoch grows with each new holder."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True, max_length=100)
    holder: str = Field(max_length=200)
    epoch: int = 1
    expires_at: datetime = moment()


class IdempotentReply(SQLModel, table=True):
    """The answer given to a POST with an Idempotency-Key, replayed for 24 h; status 0 while it is still worked on."""

    __tablename__ = "idempotent_reply"
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    id: str = identity()
    user_id: str = reference("user_account.id", index=False)
    key: str = Field(max_length=200)
    digest: str = Field(max_length=64)
    status: int = 0
    location: str = Field(default="", max_length=300)
    body: bytes = Field(default=b"", sa_type=LargeBinary)
    created_at: datetime = moment()
