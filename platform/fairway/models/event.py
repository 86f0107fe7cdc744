"""The append-only event table that live pages and streams tail by sequence number."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer
from sqlmodel import Field, SQLModel

from fairway.models.columns import document, moment, optional_reference


class Event(SQLModel, table=True):
    """stream: `run:<id>`, `trial:<id>`, `resource:<id>`; kind is a word such as `state`, `step`, `log`."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_stream_seq", "stream", "seq"),)

    seq: int | None = Field(default=None, primary_key=True, sa_type=BigInteger().with_variant(Integer(), "sqlite"))
    stream: str = Field(max_length=60)
    resource_id: str | None = optional_reference("resource.id")
    kind: str = Field(max_length=30)
    data: dict[str, Any] = document()
    at: datetime = moment()
