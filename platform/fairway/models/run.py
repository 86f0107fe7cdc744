"""Previews and runs."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from fairway.models.columns import (
    document,
    identity,
    moment,
    optional_document,
    optional_moment,
    optional_reference,
    reference,
)


class Operation(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DESTROY = "destroy"
    REFRESH = "refresh"
    ROTATE = "rotate"
    BACKUP = "backup"
    RESTORE = "restore"
    ROLLBACK = "rollback"


class RunState(StrEnum):
    QUEUED = "queued"
    PREVIEWING = "previewing"
    AWAITING_APPROVAL = "awaiting_approval"
    APPLYING = "applying"
    VERIFYING = "verifying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def ended(self) -> bool:
        return self in (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED, RunState.INTERRUPTED)


class PreviewState(StrEnum):
    COMPUTING = "computing"
    READY = "ready"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    USED = "used"


class Preview(SQLModel, table=True):
    """What an operation would do, computed in the background before anybody says yes.

    request: `{operation, resource_id?, name, service, environment, offering, plan, parameters, bindings, ...}`;
    digest: over everything that the outcome depends on, also the applied state that it starts from; what is applied
    is what was shown: another digest at apply time is a StalePreview. changes: `[{op, type, name, urn, diff}]`;
    lines: price lines `[{label, cents}]`; errors: `[{pointer, detail}]` or `[{urn, message}]`. followers: the
    deployments that take a new password afterwards, `[service/name]`.
    """

    __tablename__ = "preview"
    __table_args__ = (Index("ix_preview_created_by_state", "created_by", "state"),)

    id: str = identity()
    operation: Operation
    resource_id: str | None = optional_reference("resource.id")
    request: dict[str, Any] = document()
    digest: str = Field(max_length=64)
    state: PreviewState = Field(default=PreviewState.COMPUTING)
    changes: list[dict[str, Any]] = document(list)
    fields: list[dict[str, Any]] = document(list)
    price_before: int = 0
    price_after: int = 0
    lines: list[dict[str, Any]] = document(list)
    followers: list[str] = document(list)
    needs_approval: bool = False
    errors: list[dict[str, Any]] = document(list)
    created_by: str = reference("user_account.id", index=False)
    created_at: datetime = moment()
    ready_at: datetime | None = optional_moment()
    expires_at: datetime = moment()


class Run(SQLModel, table=True):
    """One operation on a resource.

    desired: what it is to apply, in the shape of Resource.desired. waiting: why it waits, `{code, message, cause,
    next_try_at, deadline_at}`, None while it works. error: `{code, message, hint, causes: [...]}`. changes: the
    plan that was approved, like Preview.changes. executor leases it to a worker.
    """

    __tablename__ = "run"
    __table_args__ = (
        Index("ix_run_resource_id_created_at", "resource_id", "created_at"),
        Index("ix_run_state_created_at", "state", "created_at"),
    )

    id: str = identity()
    resource_id: str = reference("resource.id", index=False)
    operation: Operation
    state: RunState = Field(default=RunState.QUEUED)
    preview_id: str | None = optional_reference("preview.id", index=False)
    retry_of: str | None = optional_reference("run.id", index=False)
    digest: str = Field(default="", max_length=64)
    desired: dict[str, Any] = document()
    changes: list[dict[str, Any]] = document(list)
    reason: str = Field(default="", max_length=500)
    needs_approval: bool = False
    decided_by: str | None = optional_reference("user_account.id", index=False)
    decision: str | None = Field(default=None, max_length=10, nullable=True)
    decision_comment: str = Field(default="", max_length=1000)
    decided_at: datetime | None = optional_moment()
    cancel_requested_by: str | None = optional_reference("user_account.id", index=False)
    cancel_requested_at: datetime | None = optional_moment()
    waiting: dict[str, Any] | None = optional_document()
    error: dict[str, Any] | None = optional_document()
    requested_by: str = reference("user_account.id", index=False)
    created_at: datetime = moment()
    started_at: datetime | None = optional_moment()
    applying_at: datetime | None = optional_moment()
    verifying_at: datetime | None = optional_moment()
    ended_at: datetime | None = optional_moment()
