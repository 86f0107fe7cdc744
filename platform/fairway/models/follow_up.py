"""What is still to be done once a run has succeeded."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from fairway.models.columns import identity, moment, optional_reference, reference


class FollowUp(SQLModel, table=True):
    """A deployment takes the new password of what it is bound to, by an update of its own.

    cause_id: the run that brought the password, in whose last transaction this row is made. run_id: the update, None
    while the deployment is busy with another one. problem: why there is no update and will be none.
    """

    __tablename__ = "follow_up"
    __table_args__ = (UniqueConstraint("cause_id", "resource_id"),)

    id: str = identity()
    cause_id: str = reference("run.id", index=False)
    resource_id: str = reference("resource.id")
    run_id: str | None = optional_reference("run.id")
    problem: str = Field(default="", max_length=1000)
    created_at: datetime = moment()
