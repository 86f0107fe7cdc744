"""Service level objectives: what a resource is to keep up to."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from fairway.models.columns import identity, moment, optional_reference, reference


class Slo(SQLModel, table=True):
    """objective: percent of the measured time in which the resource is to serve, with three decimals at most; over the
    last window_days. A resource has one; it stays with one that was destroyed, as a part of its history."""

    __tablename__ = "slo"
    __table_args__ = (UniqueConstraint("resource_id"), Index("ix_slo_created_at", "created_at"))

    id: str = identity()
    resource_id: str = reference("resource.id", index=False)
    objective: float
    window_days: int
    set_by: str | None = optional_reference("user_account.id", index=False)
    set_at: datetime = moment()
    created_at: datetime = moment()
    version: int = 1

    @property
    def ratio(self) -> float:
        """The objective as a share: 0.999."""
        return round(self.objective / 100, 5)

    @property
    def window(self) -> int:
        """In seconds."""
        return self.window_days * 86_400
