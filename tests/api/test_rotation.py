"""Rotation over REST."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from fairway.domain.context import Context
from fairway.models import Preview, PreviewState, Resource, Run
from tests import provisioned
from tests.cast import Cast

Client = TestClient[Litestar]


@pytest.fixture
def bob(cast: Cast) -> dict[str, str]:
    return cast.headers["bob"]


@pytest.fixture
def db(context: Context, cast: Cast) -> Resource:
    return provisioned.in_shop(context, cast.bob, "db", "postgres")


@pytest.fixture
def web(context: Context, cast: Cast, db: Resource) -> Resource:
    return provisioned.guest_book(context, cast.bob)


def test_a_rotation_answers_with_its_run_which_tells_who_follows(
    client: Client, bob: dict[str, str], context: Context, db: Resource, web: Resource
) -> None:
    answer = client.post(f"/api/v1/resources/{db.id}/rotation", json={"reason": "leaked"}, headers=bob)
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/api/v1/runs/{answer.json()['id']}"
    run = client.get(answer.headers["location"], headers=bob).json()
    assert (run["operation"], run["reason"], run["followers"], run["follows"]) == ("rotate", "leaked", [], None)
    with context.database.read() as session:
        row = session.get_one(Run, run["id"])
    provisioned.succeed(context, row)
    (follower,) = client.get(answer.headers["location"], headers=bob).json()["followers"]
    assert (follower["name"], follower["service"], follower["state"]) == ("web", "shop", "queued")
    assert client.get(f"/api/v1/runs/{follower['run']}", headers=bob).json()["follows"] == run["id"]


def test_the_same_request_again_makes_no_second_password(
    client: Client, bob: dict[str, str], db: Resource, context: Context
) -> None:
    path, key = f"/api/v1/resources/{db.id}/rotation", {**bob, "Idempotency-Key": "once"}
    first, again = (client.post(path, json={}, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code, again.headers["location"]) == (202, 202, first.headers["location"])
    assert client.post(path, json={"reason": "other"}, headers=key).status_code == 422
    busy = client.post(path, json={}, headers=bob)
    assert busy.status_code == 409 and busy.json()["retry"] is True


def test_who_read_an_older_version_is_told(client: Client, bob: dict[str, str], db: Resource) -> None:
    path = f"/api/v1/resources/{db.id}/rotation"
    assert client.post(path, json={}, headers={**bob, "If-Match": '"1"'}).status_code == 412
    seen = client.get(f"/api/v1/resources/{db.id}", headers=bob).headers["etag"]
    assert client.post(path, json={}, headers={**bob, "If-Match": seen}).status_code == 202


def test_a_preview_of_it_is_confirmed(
    client: Client, bob: dict[str, str], context: Context, db: Resource, web: Resource
) -> None:
    asked = client.post("/api/v1/previews", json={"operation": "rotate", "resource": db.id}, headers=bob).json()
    assert (asked["followers"], asked["fields"][0]["field"]) == (["shop/web"], "password")
    with context.database.write() as session:
        session.get_one(Preview, asked["id"]).state = PreviewState.READY
    other = client.post(f"/api/v1/resources/{web.id}/rotation", json={"preview": asked["id"]}, headers=bob)
    assert other.json()["errors"][0]["pointer"] == "/preview"
    answer = client.post(f"/api/v1/resources/{db.id}/rotation", json={"preview": asked["id"]}, headers=bob)
    assert (answer.status_code, answer.json()["preview"]) == (202, asked["id"])


def test_who_may_not_and_what_cannot_be_rotated(
    client: Client, cast: Cast, bob: dict[str, str], db: Resource, web: Resource
) -> None:
    path = f"/api/v1/resources/{db.id}/rotation"
    assert client.post(path, json={}, headers=cast.headers["vera"]).status_code == 403
    assert client.post(path, json={}, headers=cast.headers["charlie"]).status_code == 404
    assert client.post(path, json={"password": "mine"}, headers=bob).status_code == 422
    refused = client.post(f"/api/v1/resources/{web.id}/rotation", json={}, headers=bob)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/operation"
    assert "A deployment has no password" in refused.json()["detail"]


def test_it_is_described(client: Client, bob: dict[str, str]) -> None:
    described = client.get("/api/openapi.json", headers=bob).json()["paths"]["/api/v1/resources/{ref}/rotation"]
    assert set(described) == {"post"} and "202" in described["post"]["responses"]
    assert "If-Match" in {p["name"] for p in described["post"]["parameters"]}
