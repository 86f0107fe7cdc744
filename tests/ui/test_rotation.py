"""Rotating a password through pages."""

import re
from collections.abc import Callable

import pytest

from fairway.db.database import Database
from fairway.domain import follow_ups, previews, progress
from fairway.domain.context import Context
from fairway.models import Resource, Run
from tests import provisioned
from tests.cast import Cast
from tests.ui.browser import Browser

Open = Callable[[str], Browser]
CHANGES = [{"op": "update", "type": "kubernetes:apps/v1:StatefulSet", "name": "db", "urn": "u", "diff": {}}]
ERROR = {"code": "engine", "message": "ErrImagePull", "hint": "", "causes": []}


@pytest.fixture
def db(context: Context, cast: Cast) -> Resource:
    return provisioned.in_shop(context, cast.bob, "db", "postgres")


@pytest.fixture
def web(context: Context, cast: Cast, db: Resource) -> Resource:
    return provisioned.guest_book(context, cast.bob)


def asked(bob: Browser, db: Resource, database: Database) -> Run:
    """Over the preview to the run, as a person without script."""
    where = bob.send(f"/resources/{db.id}/rotation").headers["location"]
    with database.write() as session:
        previews.settle_result(session, where.rpartition("/")[2], changes=CHANGES)
    run = bob.send(f"{where}/confirmation").headers["location"].rpartition("/")[2]
    with database.read() as session:
        return session.get_one(Run, run)


def test_the_settings_say_what_happens_and_the_preview_asks_for_a_confirmation(
    open_as: Open, database: Database, db: Resource, web: Resource
) -> None:
    bob = open_as("bob")
    page = bob.get(f"/resources/{db.id}/settings").text
    assert "Rotate password" in page and "Then web follows with an update" in page
    assert "settings#password" in bob.get(f"/resources/{db.id}").text
    bob.submit(f"/resources/{db.id}/rotation")
    with database.write() as session:
        (row,) = previews.waiting(session)
        previews.settle_result(session, row.id, changes=CHANGES)
    page = bob.get(f"/previews/{row.id}").text
    assert "Rotate the password of db" in page and "The server restarts" in page
    assert "After that shop/web follows" in page and "a new one" in page
    run = bob.submit(f"/previews/{row.id}/confirmation").text
    assert "<h1>Rotate the password of db in dev</h1>" in run


def test_who_may_not_and_what_has_no_password_are_offered_none(open_as: Open, db: Resource, web: Resource) -> None:
    assert "Rotate" not in open_as("vera").get(f"/resources/{db.id}/settings").text
    bob = open_as("bob")
    assert "Rotate" not in bob.get(f"/resources/{web.id}/settings").text
    refused = bob.send(f"/resources/{web.id}/rotation")
    assert refused.status_code == 422 and "A deployment has no password" in refused.text


def test_the_run_shows_who_follows_until_all_have_ended(
    open_as: Open, context: Context, database: Database, db: Resource, web: Resource
) -> None:
    bob = open_as("bob")
    run = asked(bob, db, database)
    assert "Deployments that follow" not in bob.get(f"/runs/{run.id}").text
    provisioned.succeed(context, run)
    page = bob.get(f"/runs/{run.id}").text
    assert "Deployments that follow" in page and "Queued" in page and "web follows with the run" in page
    assert f'hx-get="/runs/{run.id}/followers"' in page
    assert "event: followers" in bob.get(f"/runs/{run.id}/events").text
    with database.read() as session:
        (follower,) = follow_ups.documents(session, run)
        update = session.get_one(Run, follower["run"])
    assert "which brought a new password" in bob.get(f"/runs/{update.id}").text
    provisioned.succeed(context, update)
    fragment = bob.get(f"/runs/{run.id}/followers").text
    assert "Succeeded" in fragment and "hx-get" not in fragment


def test_a_deployment_without_the_new_password_is_told_on_the_resources_page(
    open_as: Open, context: Context, database: Database, db: Resource, web: Resource
) -> None:
    bob = open_as("bob")
    run = asked(bob, db, database)
    provisioned.succeed(context, run)
    with database.write() as session:
        (follower,) = follow_ups.documents(session, run)
        update = session.get_one(Run, follower["run"])
        progress.fail(context, session, update, session.get_one(Resource, web.id), ERROR)
    page = bob.get(f"/resources/{db.id}").text
    assert re.search(rf'<a href="/runs/{update.id}">Did not take the new password</a>: ErrImagePull', page)
    assert "ErrImagePull" in bob.get(f"/runs/{run.id}").text


def test_a_rotation_that_failed_in_the_middle_says_which_password_is_valid(
    open_as: Open, context: Context, database: Database, db: Resource
) -> None:
    bob = open_as("bob")
    run = asked(bob, db, database)
    provisioned.begin(context, run, provisioned.WORKLOAD)
    with database.write() as session:
        progress.fail(context, session, session.get_one(Run, run.id), session.get_one(Resource, db.id), ERROR)
    assert "The server takes the new password" in bob.get(f"/runs/{run.id}").text
    for tab in ("", "/settings"):
        page = bob.get(f"/resources/{db.id}{tab}").text
        assert "The rotation of its password is not finished" in page and "takes the new password" in page
