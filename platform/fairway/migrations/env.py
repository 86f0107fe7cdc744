"""Alembic's entry: runs on the connection that `fairway.db.migrate` hands over."""

from alembic import context
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import fairway.models  # noqa: F401  (fills the metadata)


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
    )
    context.run_migrations()


run()
