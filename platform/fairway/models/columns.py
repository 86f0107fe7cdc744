"""Column kinds that the tables share."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from fairway.db.clock import UtcDateTime, now
from fairway.db.ids import new_id

Json = JSON().with_variant(JSONB(), "postgresql")


def identity() -> Any:
    """A UUIDv7 primary key."""
    return Field(default_factory=new_id, primary_key=True, max_length=36)


def reference(
    target: str, *, index: bool = True, ondelete: Literal["CASCADE", "SET NULL", "RESTRICT"] = "RESTRICT"
) -> Any:
    """A required foreign key on `table.column`."""
    return Field(foreign_key=target, index=index, max_length=36, ondelete=ondelete)


def optional_reference(target: str, *, index: bool = True) -> Any:
    return Field(default=None, foreign_key=target, index=index, max_length=36, nullable=True)


def moment() -> Any:
    """A required timestamp, now by default."""
    return Field(default_factory=now, sa_type=UtcDateTime)


def optional_moment(default: datetime | None = None) -> Any:
    return Field(default=default, sa_type=UtcDateTime, nullable=True)


def document(default: Callable[[], Any] = dict) -> Any:
    """A JSON value. Replace it as a whole: changes inside are not seen."""
    return Field(default_factory=default, sa_type=Json)


def optional_document() -> Any:
    return Field(default=None, sa_type=Json, nullable=True)
