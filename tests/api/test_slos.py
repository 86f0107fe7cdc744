"""Service level objectives over REST."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import select

from fairway.db.clock import now
from fairway.db.database import Database
from fairway.domain.context import Context
from fairway.health import History
from fairway.health.figures import Figure
from fairway.health.series import SERVES
from fairway.models import AuditEntry, Resource
from tests.cast import Cast
from tests.kube.assembly import add_resource

Client = TestClient[Litestar]
SLO = {"objective": 99.9}


@pytest.fixture
def row(database: Database, cast: Cast) -> Resource:
    return add_resource(database, cast, "db", "postgres")


def put(client: Client, headers: dict[str, str], ref: str, body: Any = SLO, **more: str) -> Any:
    return client.put(f"/api/v1/resources/{ref}/slo", json=body, headers={**headers, **more})


def test_it_is_put_read_and_deleted(client: Client, cast: Cast, row: Resource, context: Context) -> None:
    bob, vera = cast.headers["bob"], cast.headers["vera"]
    path = f"/api/v1/resources/{row.id}/slo"
    assert client.get(path, headers=vera).status_code == 404
    made = put(client, bob, row.id)
    assert (made.status_code, made.headers["etag"]) == (200, '"1"')
    assert (made.json()["objective"], made.json()["window_days"], made.json()["set_by"]) == (99.9, 28, "bob")
    assert isinstance(context.history, History)
    context.history.write(now(), [Figure(row.id, SERVES, 1.0, 15.0)])
    found = client.get("/api/v1/resources/db/slo", headers=vera)
    assert (found.json()["ratio"], found.json()["state"], found.json()["source"]) == (1.0, "met", "fairway")
    assert found.json()["budget"] == {"seconds": 2419.2, "spent": 0.0, "left_ratio": 1.0}
    assert client.delete(path, headers=vera).status_code == 403
    assert client.delete(path, headers=bob).status_code == 204
    assert client.delete(path, headers=bob).status_code == 404


def test_the_etag_keeps_others_edits(client: Client, cast: Cast, row: Resource, database: Database) -> None:
    bob = cast.headers["bob"]
    tag = put(client, bob, row.id).headers["etag"]
    assert put(client, cast.headers["alice"], row.id, {"objective": 99.5}, **{"If-Match": tag}).status_code == 200
    late = put(client, bob, row.id, {"objective": 95}, **{"If-Match": tag})
    assert (late.status_code, late.json()["type"]) == (412, "urn:fairway:problem:edited")
    gone = client.delete(f"/api/v1/resources/{row.id}/slo", headers={**bob, "If-Match": tag})
    assert gone.status_code == 412
    with database.read() as session:
        actions = [e.action for e in session.exec(select(AuditEntry).where(AuditEntry.target_id == row.id))]
    assert actions == ["slo.set", "slo.set"]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"objective": 100}, {"/objective"}),
        ({"objective": 99.9999}, {"/objective"}),
        ({"objective": 50, "window_days": 0}, {"/objective", "/window_days"}),
        ({"objective": "high"}, {"/objective"}),
        ({"objective": 99.9, "window_days": 2.5}, {"/window_days"}),
    ],
)
def test_wrong_fields_are_named(client: Client, cast: Cast, row: Resource, body: Any, pointers: set[str]) -> None:
    answer = put(client, cast.headers["bob"], row.id, body)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == pointers


def test_an_unknown_or_missing_field_is_named(client: Client, cast: Cast, row: Resource) -> None:
    for body, word in (({"objective": 99.9, "windows": 7}, "windows"), ({"window_days": 7}, "objective")):
        answer = put(client, cast.headers["bob"], row.id, body)
        assert answer.status_code == 422 and word in answer.text


def test_lists_are_paged_filtered_and_ones_own(client: Client, cast: Cast, database: Database) -> None:
    for number in range(3):
        put(client, cast.headers["bob"], add_resource(database, cast, f"db-{number}").id)
    first = client.get("/api/v1/slos?limit=2", headers=cast.headers["vera"])
    assert [one["name"] for one in first.json()] == ["db-2", "db-1"]
    rest = client.get(first.links["next"]["url"], headers=cast.headers["vera"])
    assert [one["name"] for one in rest.json()] == ["db-0"] and "next" not in rest.links
    assert client.get("/api/v1/slos", headers=cast.headers["charlie"]).json() == []
    narrowed = client.get("/api/v1/slos?service=shop&environment=prod", headers=cast.headers["vera"])
    assert narrowed.json() == []
    assert client.get("/api/v1/slos?environment=moon", headers=cast.headers["vera"]).status_code == 404
    wrong = client.get("/api/v1/slos?limit=0", headers=cast.headers["vera"])
    assert wrong.json()["errors"][0]["pointer"] == "/limit"
