"""Who did what, with the diff. Rows are only ever added."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from fairway.models.columns import document, identity, moment, optional_reference


class AuditEntry(SQLModel, table=True):
    """action is `<noun>.<verb>`; diff `{field: [before, after]}` without secrets; via: `web`, `api`, `system`."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at", "at"),
        Index("ix_audit_entry_target_id_at", "target_id", "at"),
        Index("ix_audit_entry_team_id_at", "team_id", "at"),
    )

    id: str = identity()
    at: datetime = moment()
    actor_id: str | None = optional_reference("user_account.id")
    actor_name: str = Field(max_length=100)
    via: str = Field(max_length=20)
    action: str = Field(max_length=60)
    target_kind: str = Field(max_length=30)
    target_id: str = Field(max_length=36)
    target_name: str = Field(max_length=200)
    team_id: str | None = Field(default=None, max_length=36, nullable=True)
    diff: dict[str, Any] = document()
    comment: str = Field(default="", max_length=1000)
