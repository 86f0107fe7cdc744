"""Resources as a finished run leaves them, without any worker."""

from typing import Any

from sqlmodel import Session

from fairway.domain import progress, provisioning
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.domain.wishes import Wish
from fairway.models import Resource, Run

OUTPUTS = {"host": "127.9.0.1", "port": 5432, "username": "app", "database": "app"}


def apply(context: Context, actor: Actor, wish: Wish, confirm: str = "") -> Resource:
    """Asks for it, and ends the run as if it had been applied."""
    with context.database.write() as session:
        run = provisioning.request(context, session, actor, wish, confirm=confirm)
    with context.database.write() as session:
        return finish(context, session, session.get_one(Run, run.id))


def finish(context: Context, session: Session, run: Run, **secrets: Any) -> Resource:
    resource = session.get_one(Resource, run.resource_id)
    given = secrets or {"password": "hunter2"}
    progress.record_outputs(context, session, resource, OUTPUTS, given)
    assert progress.succeed(context, session, run, resource, resource.offering_version)
    return resource
