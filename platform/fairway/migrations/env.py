"""Alembic's entry: runs on the connection that `fairway.db.migrate` hands over."""

from typing import Literal

from alembic import context
from sqlalchemy import JSON, create_engine
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import fairway.models  # noqa: F401  (fills the metadata)
from fairway.db.clock import UtcDateTime


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _migrate(connection)
        return
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.connect() as fresh, fresh.begin():
        _migrate(fresh)


def _migrate(connection: object) -> None:
    context.configure(
        connection=connection,  # type: ignore[arg-type]
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=False,
        render_item=_render,
    )
    context.run_migrations()


def _render(kind: str, item: object, autogen: object) -> str | Literal[False]:
    """Our own types by what they are in the database: a migration must not change when they do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    if kind == "type" and isinstance(item, JSON):
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


run()
