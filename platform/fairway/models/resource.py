"""Resources, their bindings and revisions."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
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


class ResourceState(StrEnum):
    REQUESTED = "requested"
    AWAITING_APPROVAL = "awaiting_approval"
    PROVISIONING = "provisioning"
    READY = "ready"
    UPDATING = "updating"
    FAILED = "failed"
    DESTROYING = "destroying"
    DESTROYED = "destroyed"


class Resource(SQLModel, table=True):
    """One instance of an offering for a service in an environment.

    desired and applied: `{plan, parameters, bindings: [resource name...]}`; applied is what the last successful run
    left (None before). outputs: the program's plain outputs; credentials: its secret ones, sealed JSON under the
    place `resource:<id>`. seeds: what Fairway generated for it (passwords), sealed likewise under `seeds:<id>`; so are
    next_seeds, which a rotation will bring, and previous_seeds, which it takes away until a run has succeeded.
    active_run_id holds the one run at a time. health is what the collector last derived:
    `{status: healthy|degraded|failing|unknown|stopped, reasons: [{code, message}]}`.
    """

    __tablename__ = "resource"
    __table_args__ = (
        Index(
            "uq_resource_living_name",
            "service_id",
            "environment_id",
            "name",
            unique=True,
            sqlite_where=text("destroyed_at IS NULL"),
            postgresql_where=text("destroyed_at IS NULL"),
        ),
        Index("ix_resource_state_updated_at", "state", "updated_at"),
    )

    id: str = identity()
    name: str = Field(max_length=40, index=True)
    service_id: str = reference("service.id")
    environment_id: str = reference("environment.id")
    offering: str = Field(max_length=40)
    offering_version: str = Field(max_length=20)
    state: ResourceState = Field(default=ResourceState.REQUESTED)
    plan: str = Field(max_length=40)
    desired: dict[str, Any] = document()
    applied: dict[str, Any] | None = optional_document()
    outputs: dict[str, Any] = document()
    credentials: str | None = None
    seeds: str | None = None
    next_seeds: str | None = None
    previous_seeds: str | None = None
    protected: bool = False
    stack: str = Field(max_length=140, unique=True)
    namespace: str = Field(max_length=63)
    price_monthly: int = 0
    health: dict[str, Any] = document()
    health_at: datetime | None = optional_moment()
    active_run_id: str | None = Field(default=None, max_length=36, nullable=True)
    created_by: str | None = optional_reference("user_account.id")
    created_at: datetime = moment()
    updated_at: datetime = moment()
    destroyed_at: datetime | None = optional_moment()
    version: int = 1


class Binding(SQLModel, table=True):
    """A deployment (consumer) uses a resource (provider); credentials flow through a Secret."""

    __tablename__ = "binding"
    __table_args__ = (UniqueConstraint("consumer_id", "provider_id"),)

    id: str = identity()
    consumer_id: str = reference("resource.id")
    provider_id: str = reference("resource.id")
    created_at: datetime = moment()


class Revision(SQLModel, table=True):
    """What a successful create, update or rollback applied; rolling back applies an older one again, all of it."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("resource_id", "number"),)

    id: str = identity()
    resource_id: str = reference("resource.id")
    number: int
    run_id: str = reference("run.id")
    applied: dict[str, Any] = document()
    offering_version: str = Field(max_length=20)
    created_at: datetime = moment()
