"""Resources as a finished run leaves them, without any worker."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from fairway.domain import progress, provisioning, rotation, seeds
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.domain.wishes import Wish
from fairway.models import Operation, Resource, Run

OUTPUTS = {"host": "127.9.0.1", "port": 5432, "username": "app", "database": "app"}
WORKLOAD = {"op": "update", "type": "kubernetes:apps/v1:StatefulSet"}


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


def make(context: Context, actor: Actor, wish: Wish) -> Resource:
    """Asks for it, and ends the run with the password that Fairway made, where the offering has one."""
    with context.database.write() as session:
        run = provisioning.request(context, session, actor, wish)
    return succeed(context, run)


def in_shop(context: Context, actor: Actor, name: str, offering: str, **given: Any) -> Resource:
    """One that is made in the service shop, in dev."""
    return make(context, actor, Wish(Operation.CREATE, "shop", "dev", name, offering, **given))


def guest_book(context: Context, actor: Actor) -> Resource:
    """A deployment, `web`, bound to the resource `db` beside it."""
    image = {"image": "fairway/demo:1"}
    return in_shop(context, actor, "web", "deployment", parameters=image, bindings=("db",))


def begin(context: Context, run: Run, *steps: Mapping[str, str]) -> Resource:
    """The run begins to apply, and these steps of it begin."""
    with context.database.write() as session:
        resource = session.get_one(Resource, run.resource_id)
        assert progress.begin_applying(session, session.get_one(Run, run.id), resource)
        for step in steps:
            if rotation.reaches_server(step):
                rotation.turn(context, session, resource)
        return resource


def succeed(context: Context, run: Run) -> Resource:
    """The run is applied, and ends well."""
    resource = begin(context, run, WORKLOAD)
    secret = {} if resource.offering == "deployment" else seeds.opened(context, resource.id, resource.seeds)
    with context.database.write() as session:
        run, resource = session.get_one(Run, run.id), session.get_one(Resource, resource.id)
        progress.record_outputs(context, session, resource, OUTPUTS, secret)
        assert progress.succeed(context, session, run, resource, resource.offering_version)
        return resource
