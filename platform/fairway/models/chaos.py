"""Chaos: experiments, their trials, what a trial meant to do before it did it, and the kill switch."""

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


class TrialState(StrEnum):
    QUEUED = "queued"
    PREFLIGHT = "preflight"
    BASELINE = "baseline"
    INJECTING = "injecting"
    RECOVERING = "recovering"
    SETTLING = "settling"
    ENDED = "ended"


class Experiment(SQLModel, table=True):
    """A kept definition of a trial on one resource, in the shape that `fairway_chaos.reading` reads."""

    __tablename__ = "experiment"
    __table_args__ = (UniqueConstraint("resource_id", "name"),)

    id: str = identity()
    resource_id: str = reference("resource.id")
    name: str = Field(max_length=40)
    definition: dict[str, Any] = document()
    created_by: str = reference("user_account.id", index=False)
    created_at: datetime = moment()
    updated_at: datetime = moment()
    version: int = 1


class Trial(SQLModel, table=True):
    """One execution. definition: the experiment as it was run; a resource has one living trial, by a unique index.

    summary: the stable document without its id, journal: all of it; both None until there is something to tell.
    executor holds the trial until lease_expires_at; another one may take it over after that, to close it only.
    """

    __tablename__ = "trial"
    __table_args__ = (
        Index(
            "uq_trial_living_resource",
            "resource_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_trial_resource_id_created_at", "resource_id", "created_at"),
        Index("ix_trial_state_created_at", "state", "created_at"),
    )

    id: str = identity()
    resource_id: str = reference("resource.id", index=False)
    experiment_id: str | None = Field(
        default=None, foreign_key="experiment.id", index=True, max_length=36, nullable=True, ondelete="SET NULL"
    )
    definition: dict[str, Any] = document()
    seed: int = Field(ge=0, le=2**31 - 1)
    state: TrialState = Field(default=TrialState.QUEUED)
    verdict: str | None = Field(default=None, max_length=20, nullable=True)
    reason: str = Field(default="", max_length=1000)
    score: float | None = None
    summary: dict[str, Any] | None = optional_document()
    journal: dict[str, Any] | None = optional_document()
    requested_by: str = reference("user_account.id", index=False)
    abort_reason: str | None = Field(default=None, max_length=500, nullable=True)
    abort_requested_at: datetime | None = optional_moment()
    abort_requested_by: str | None = optional_reference("user_account.id", index=False)
    executor: str = Field(default="", max_length=200)
    lease_expires_at: datetime | None = optional_moment()
    created_at: datetime = moment()
    started_at: datetime | None = optional_moment()
    ended_at: datetime | None = optional_moment()


class Intent(SQLModel, table=True):
    """What is about to be done to a pod, committed before the call; outcome is None until it is known.

    revert: what undoes it, empty for a killed pod: its controller brings it back. deadline_at: when it should be over.
    """

    __tablename__ = "intent"

    id: str = identity()
    trial_id: str = reference("trial.id", ondelete="CASCADE")
    pod: str = Field(max_length=253)
    uid: str = Field(max_length=64)
    action: str = Field(max_length=20)
    revert: str = Field(default="", max_length=500)
    outcome: str | None = Field(default=None, max_length=30, nullable=True)
    detail: str = Field(default="", max_length=1000)
    created_at: datetime = moment()
    deadline_at: datetime = moment()
    outcome_at: datetime | None = optional_moment()


class KillSwitch(SQLModel, table=True):
    """One row, `all`: while it is halted, no trial kills anything."""

    __tablename__ = "kill_switch"

    name: str = Field(default="all", primary_key=True, max_length=20)
    halted: bool = False
    reason: str = Field(default="", max_length=500)
    set_by: str | None = optional_reference("user_account.id", index=False)
    set_at: datetime = moment()
