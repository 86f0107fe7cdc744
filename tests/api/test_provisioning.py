"""Provisioning over REST: previews, resources, runs, approvals."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import select

from fairway.db.database import Database
from fairway.domain import progress
from fairway.domain.context import Context
from fairway.models import AuditEntry, IdempotentReply, Preview, PreviewState, Resource, Run, RunState
from tests import provisioned
from tests.cast import Cast

NEW = {"service": "shop", "environment": "dev", "name": "db", "offering": "postgres", "plan": "dev"}
Client = TestClient[Litestar]


@pytest.fixture
def alice(cast: Cast) -> dict[str, str]:
    return cast.headers["alice"]


def create(client: Client, headers: dict[str, str], **changes: Any) -> Any:
    return client.post("/api/v1/resources", json={**NEW, **changes}, headers=headers)


def finished(context: Context, run_id: str) -> Resource:
    with context.database.write() as session:
        return provisioned.finish(context, session, session.get_one(Run, run_id), password="hunter2")


def test_a_create_answers_with_its_run(client: Client, alice: dict[str, str]) -> None:
    answer = create(client, alice)
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/api/v1/runs/{answer.json()['id']}"
    run = client.get(answer.headers["location"], headers=alice).json()
    assert (run["operation"], run["state"], run["steps"]) == ("create", "queued", [])
    resource = client.get(f"/api/v1/resources/{run['resource']['id']}", headers=alice)
    assert resource.json()["state"] == "requested"
    assert resource.headers["etag"] == f'"{resource.json()["version"]}"'
    assert client.get("/api/v1/resources/db?service=shop&environment=dev", headers=alice).json() == resource.json()


def test_the_wrong_fields_are_named_all_at_once(client: Client, alice: dict[str, str]) -> None:
    parameters = {"version": "9", "max_connections": "many", "colour": "red"}
    answer = create(client, alice, name="Not DNS", plan="huge", parameters=parameters)
    assert answer.status_code == 422
    pointers = {e["pointer"] for e in answer.json()["errors"]}
    assert "/plan" in pointers or "/name" in pointers
    answer = create(client, alice, parameters=parameters)
    assert {e["pointer"] for e in answer.json()["errors"]} >= {"/parameters/version", "/parameters/max_connections"}


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({**NEW, "paramaters": {}}, "paramaters"),
        ({**NEW, "parameters": []}, "parameters"),
        ({**NEW, "bindings": "db"}, "bindings"),
        ({**NEW, "operation": "destroy"}, "operation"),
        ({**NEW, "offering": "oracle"}, "offering"),
    ],
)
def test_a_body_of_the_wrong_shape(client: Client, alice: dict[str, str], body: Any, word: str) -> None:
    answer = client.post("/api/v1/resources", json=body, headers=alice)
    assert 400 < answer.status_code < 500
    assert word in answer.text


def test_a_preview_is_confirmed_by_its_id_once(client: Client, alice: dict[str, str], database: Database) -> None:
    asked = client.post("/api/v1/previews", json={"operation": "create", **NEW}, headers=alice)
    assert asked.status_code == 202
    preview = asked.json()
    assert preview["state"] == "computing" and preview["price"]["after"] > 0
    early = client.post("/api/v1/resources", json={"preview": preview["id"]}, headers=alice)
    assert early.status_code == 409
    with database.write() as session:
        session.get_one(Preview, preview["id"]).state = PreviewState.READY
    assert client.get(asked.headers["location"], headers=alice).json()["state"] == "ready"
    mixed = client.post("/api/v1/resources", json={"preview": preview["id"], "plan": "small"}, headers=alice)
    assert mixed.status_code == 422
    assert client.post("/api/v1/resources", json={"preview": preview["id"]}, headers=alice).status_code == 202
    again = client.post("/api/v1/resources", json={"preview": preview["id"]}, headers=alice)
    assert again.status_code == 409


def test_a_preview_belongs_to_one_person(client: Client, cast: Cast, alice: dict[str, str]) -> None:
    preview = client.post("/api/v1/previews", json={"operation": "create", **NEW}, headers=alice).json()["id"]
    assert client.get(f"/api/v1/previews/{preview}", headers=cast.headers["bob"]).status_code == 404


def test_previews_go_on_side_by_side_unless_one_supersedes_another(client: Client, alice: dict[str, str]) -> None:
    def ask(**changes: Any) -> str:
        answer = client.post("/api/v1/previews", json={"operation": "create", **NEW, **changes}, headers=alice)
        return str(answer.json()["id"])

    first, second = ask(name="first"), ask(name="second")
    ask(name="third", supersedes=second)
    states = [client.get(f"/api/v1/previews/{which}", headers=alice).json()["state"] for which in (first, second)]
    assert states == ["computing", "superseded"]


def test_the_password_is_masked_until_it_is_revealed(
    client: Client, cast: Cast, alice: dict[str, str], context: Context, database: Database
) -> None:
    run = create(client, alice).json()
    assert client.get("/api/v1/resources/db/connection", headers=alice).status_code == 409
    resource = finished(context, run["id"])
    masked = client.get(f"/api/v1/resources/{resource.id}/connection", headers=cast.headers["vera"])
    assert masked.json()["password"] == "********"
    assert "hunter2" not in masked.text
    refused = client.post(f"/api/v1/resources/{resource.id}/reveals", headers=cast.headers["vera"])
    assert refused.status_code == 403
    path, key = f"/api/v1/resources/{resource.id}/reveals", {**alice, "Idempotency-Key": "one"}
    assert [client.post(path, headers=key).json()["password"] for _ in range(2)] == ["hunter2", "hunter2"]
    with database.read() as session:
        assert session.exec(select(AuditEntry).where(AuditEntry.action == "resource.reveal")).one()
        kept = session.exec(select(IdempotentReply)).one()
    assert b"hunter2" not in kept.body


def test_destroying_asks_for_the_name_and_respects_protection(
    client: Client, alice: dict[str, str], cast: Cast, context: Context
) -> None:
    resource = finished(context, create(client, alice).json()["id"])
    path = f"/api/v1/resources/{resource.id}"
    protected = client.patch(path, json={"protected": True}, headers=cast.headers["bob"])
    assert protected.json()["protected"] is True
    destroy = {"operation": "destroy", "confirm": "db"}
    refused = client.post(f"{path}/runs", json=destroy, headers=alice)
    assert refused.status_code == 403 and "protected" in refused.json()["detail"]
    assert client.patch(path, json={"protected": False}, headers=cast.headers["bob"]).status_code == 403
    assert client.patch(path, json={"protected": False}, headers=alice).status_code == 200
    unnamed = client.post(f"{path}/runs", json={"operation": "destroy"}, headers=alice)
    assert unnamed.json()["errors"][0]["pointer"] == "/confirm"
    assert client.post(f"{path}/runs", json=destroy, headers=alice).status_code == 202


def test_two_people_edit_at_once(client: Client, alice: dict[str, str], cast: Cast, context: Context) -> None:
    resource = finished(context, create(client, alice).json()["id"])
    path = f"/api/v1/resources/{resource.id}"
    seen = client.get(path, headers=alice).headers["etag"]
    change = {"operation": "update", "parameters": {"max_connections": 60}}
    first = client.post(f"{path}/runs", json=change, headers={**cast.headers["bob"], "If-Match": seen})
    assert first.status_code == 202
    second = client.post(f"{path}/runs", json=change, headers={**alice, "If-Match": seen})
    assert second.status_code == 412
    busy = client.post(f"{path}/runs", json=change, headers=alice)
    assert busy.status_code == 409 and busy.json()["retry"] is True


def test_another_teams_resource_cannot_be_seen_or_bound(
    client: Client, alice: dict[str, str], cast: Cast, context: Context
) -> None:
    resource = finished(context, create(client, alice).json()["id"])
    charlie = cast.headers["charlie"]
    for path in ("", "/connection", "/runs", "/revisions", "/bindings", "/logs", "/events", "/metrics"):
        assert client.get(f"/api/v1/resources/{resource.id}{path}", headers=charlie).status_code == 404, path
    assert client.post("/api/v1/services", json={"name": "spy"}, headers=charlie).status_code == 201
    body = {"service": "spy", "environment": "dev", "name": "web", "offering": "deployment", "plan": "nano"}
    bound = {**body, "parameters": {"image": "fairway/demo:1"}, "bindings": ["db"]}
    answer = client.post("/api/v1/resources", json=bound, headers=charlie)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/bindings/0"


def test_in_prod_another_person_decides(client: Client, alice: dict[str, str], cast: Cast, context: Context) -> None:
    run = create(client, cast.headers["bob"], environment="prod").json()["id"]
    with context.database.write() as session:
        progress.move(session, session.get_one(Run, run), RunState.AWAITING_APPROVAL)
    path = f"/api/v1/runs/{run}/approval"
    assert client.post(path, json={"decision": "maybe"}, headers=alice).json()["errors"][0]["pointer"] == "/decision"
    assert client.post(path, json={"decision": "approve"}, headers=cast.headers["bob"]).status_code == 403
    answer = client.post(path, json={"decision": "reject", "comment": "not today"}, headers=alice)
    assert answer.json()["state"] == "cancelled"
    assert answer.json()["decision"] == {
        "decision": "rejected",
        "by": "alice",
        "comment": "not today",
        "at": answer.json()["decision"]["at"],
    }


def test_a_run_is_cancelled_and_tried_again(client: Client, alice: dict[str, str]) -> None:
    run = create(client, alice).json()["id"]
    assert client.post(f"/api/v1/runs/{run}/retry", headers=alice).status_code == 409
    cancelled = client.post(f"/api/v1/runs/{run}/cancellation", headers=alice)
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    assert client.post(f"/api/v1/runs/{run}/cancellation", headers=alice).status_code == 409


def test_the_events_of_a_run_end_with_it(client: Client, alice: dict[str, str], context: Context) -> None:
    run = create(client, alice).json()["id"]
    finished(context, run)
    answer = client.get(f"/api/v1/runs/{run}/events", headers=alice)
    assert answer.headers["content-type"].startswith("text/event-stream")
    kinds = [line.removeprefix("event: ") for line in answer.text.splitlines() if line.startswith("event: ")]
    assert (kinds[0], kinds[-1]) == ("state", "done")
    last = [line.removeprefix("id: ") for line in answer.text.splitlines() if line.startswith("id: ")][-1]
    again = client.get(f"/api/v1/runs/{run}/events", headers={**alice, "Last-Event-ID": last})
    assert again.status_code == 204


def test_lists_are_filtered_and_paged(client: Client, alice: dict[str, str], context: Context) -> None:
    for name in ("one", "two", "three"):
        finished(context, create(client, alice, name=name).json()["id"])
    create(client, alice, name="four")
    first = client.get("/api/v1/resources?limit=2&state=ready", headers=alice)
    assert [r["name"] for r in first.json()] == ["three", "two"]
    following = first.links["next"]["url"]
    assert [r["name"] for r in client.get(following, headers=alice).json()] == ["one"]
    assert len(client.get("/api/v1/runs?state=succeeded", headers=alice).json()) == 3
    assert [r["resource"]["name"] for r in client.get("/api/v1/runs?active=true", headers=alice).json()] == ["four"]
    for wrong in ("resources?state=odd", "runs?state=odd", "runs?limit=0", "resources?cursor=x"):
        assert client.get(f"/api/v1/{wrong}", headers=alice).status_code == 422, wrong


def test_the_catalog(client: Client, alice: dict[str, str]) -> None:
    assert [o["name"] for o in client.get("/api/v1/offerings", headers=alice).json()]
    schema = client.get("/api/v1/offerings/postgres", headers=alice).json()["parameters"]
    assert schema["type"] == "object"
    assert client.get("/api/v1/offerings/oracle", headers=alice).status_code == 404


def test_a_sign_in_link_works_once_and_needs_a_token_that_may_do_everything(
    client: Client, cast: Cast, alice: dict[str, str]
) -> None:
    url = client.post("/api/v1/sign-in-links", headers=alice).json()["url"]
    assert url.startswith("http://127.0.0.1:")
    made = client.post("/api/v1/tokens", json={"name": "few", "scopes": ["read", "write"]}, headers=alice).json()
    few = {"Authorization": f"Bearer {made['token']}"}
    assert client.post("/api/v1/sign-in-links", headers=few).status_code == 403
