"""What every route has: sign-in, CSRF, problem documents, idempotency."""

import logging
from datetime import timedelta

from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import select

from fairway.api.authentication import COOKIE
from fairway.asgi import create_app
from fairway.db.clock import now
from fairway.db.database import Database
from fairway.domain import people, signin, tokens
from fairway.domain.context import Context
from fairway.models import AuditEntry, Service, Token
from tests.cast import Cast

OPEN = {"/healthz", "/readyz"}


def browser(database: Database, client: TestClient[Litestar], name: str) -> str:
    """Signs the person in and answers the CSRF token."""
    with database.write() as session:
        signed_in = signin.open_for(session, people.named(session, name))
    client.cookies.set(COOKIE, signed_in.secret)
    return signed_in.csrf


def test_no_route_but_the_probes_is_open(app: Litestar, client: TestClient[Litestar], cast: Cast) -> None:
    tried = 0
    for route in app.routes:
        for method in getattr(route, "methods", ()):
            if method == "OPTIONS" or route.path in OPEN:
                continue
            path = "/".join("x" if "{" in part else part for part in route.path_format.split("/"))
            answer = client.request(method, path)
            assert answer.status_code == 401, (method, path, answer.status_code)
            tried += 1
    assert tried > 15


def test_the_probes_answer_without_signing_in(client: TestClient[Litestar]) -> None:
    assert client.get("/healthz").text == "ok"
    assert client.get("/readyz").text == "ok"


def test_a_token_says_who_one_is(client: TestClient[Litestar], cast: Cast) -> None:
    me = client.get("/api/v1/whoami", headers=cast.headers["alice"]).json()
    assert me["name"] == "alice"
    assert me["teams"] == {"payments": "owner"}


def test_unknown_revoked_and_expired_tokens_are_told_apart(
    client: TestClient[Litestar], cast: Cast, database: Database
) -> None:
    with database.write() as session:
        revoked, first = tokens.create(session, cast.alice, "one")
        tokens.revoke(session, cast.alice, revoked.id)
        expired, second = tokens.create(session, cast.alice, "two", days=1)
        expired.expires_at = now() - timedelta(seconds=1)
    for secret, word in (("fw_nonsense", "not known"), (first, "was revoked"), (second, "expired")):
        answer = client.get("/api/v1/whoami", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 401
        assert word in answer.json()["detail"]
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_read_only_token_changes_nothing(client: TestClient[Litestar], cast: Cast, database: Database) -> None:
    with database.write() as session:
        _, secret = tokens.create(session, cast.alice, "reader", scopes=["read"])
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/services", headers=headers).status_code == 200
    answer = client.post("/api/v1/services", json={"name": "blog"}, headers=headers)
    assert answer.status_code == 403
    assert "lacks the scope write" in answer.json()["detail"]


def test_a_browser_needs_the_csrf_token_to_change_something(
    client: TestClient[Litestar], cast: Cast, database: Database
) -> None:
    csrf = browser(database, client, "alice")
    assert client.post("/api/v1/services", json={"name": "blog"}).status_code == 403
    wrong = client.post("/api/v1/services", json={"name": "blog"}, headers={"X-CSRF-Token": "x" * 43})
    assert wrong.status_code == 403
    right = client.post("/api/v1/services", json={"name": "blog"}, headers={"X-CSRF-Token": csrf})
    assert right.status_code == 201


def test_signing_out_ends_the_session(client: TestClient[Litestar], cast: Cast, database: Database) -> None:
    with database.write() as session:
        one = signin.open_for(session, people.named(session, "bob"))
    client.cookies.set(COOKIE, one.secret)
    assert client.get("/api/v1/whoami").status_code == 200
    with database.write() as session:
        signin.end(session, cast.bob, one.secret)
    assert client.get("/api/v1/whoami").status_code == 401


def test_a_wrong_field_is_named_with_a_value_that_works(client: TestClient[Litestar], cast: Cast) -> None:
    answer = client.post("/api/v1/services", json={"name": "My Shop!"}, headers=cast.headers["alice"])
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/name"
    assert "my-shop" in error["detail"]


def test_a_missing_field_is_named(client: TestClient[Litestar], cast: Cast) -> None:
    answer = client.post("/api/v1/teams", json={"title": "x"}, headers=cast.headers["alice"])
    assert answer.status_code == 422, answer.text
    assert "/name" in {error["pointer"] for error in answer.json()["errors"]} or "name" in answer.text


def test_an_unknown_path_is_a_problem_document(client: TestClient[Litestar], cast: Cast) -> None:
    answer = client.get("/api/v1/nonsense", headers=cast.headers["alice"])
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_same_key_makes_one_service_and_the_same_answer(
    client: TestClient[Litestar], cast: Cast, database: Database
) -> None:
    headers = {**cast.headers["bob"], "Idempotency-Key": "a-key"}
    first = client.post("/api/v1/services", json={"name": "blog"}, headers=headers)
    again = client.post("/api/v1/services", json={"name": "blog"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    with database.read() as session:
        assert len(session.exec(select(Service).where(Service.name == "blog")).all()) == 1


def test_another_body_under_the_same_key_is_refused(client: TestClient[Litestar], cast: Cast) -> None:
    headers = {**cast.headers["bob"], "Idempotency-Key": "a-key"}
    client.post("/api/v1/services", json={"name": "blog"}, headers=headers)
    answer = client.post("/api/v1/services", json={"name": "wiki"}, headers=headers)
    assert answer.status_code == 422
    assert "another request" in answer.json()["detail"]


def test_keys_are_a_persons_own(client: TestClient[Litestar], cast: Cast) -> None:
    key = {"Idempotency-Key": "a-key"}
    mine = client.post("/api/v1/teams", json={"name": "one"}, headers={**cast.headers["bob"], **key})
    yours = client.post("/api/v1/teams", json={"name": "two"}, headers={**cast.headers["alice"], **key})
    assert (mine.status_code, yours.status_code) == (201, 201)


def test_a_secret_of_a_token_is_told_once_and_kept_nowhere(
    client: TestClient[Litestar], cast: Cast, database: Database
) -> None:
    made = client.post("/api/v1/tokens", json={"name": "ci"}, headers=cast.headers["bob"]).json()
    assert made["token"].startswith("fw_")
    listed = client.get("/api/v1/tokens", headers=cast.headers["bob"]).json()
    assert [row["token"] for row in listed] == [None, None]
    with database.read() as session:
        rows = str([row.model_dump() for row in session.exec(select(Token)).all()])
        rows += str([row.model_dump() for row in session.exec(select(AuditEntry)).all()])
    assert made["token"] not in rows


def test_the_security_headers_are_on_every_answer(client: TestClient[Litestar]) -> None:
    answer = client.get("/healthz")
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_description_of_the_api_is_served_to_those_signed_in(client: TestClient[Litestar], cast: Cast) -> None:
    assert client.get("/api/openapi.json").status_code == 401
    document = client.get("/api/openapi.json", headers=cast.headers["vera"]).json()
    assert "/api/v1/services" in document["paths"]


def test_logging_is_as_the_settings_say_and_the_application_leaves_it_alone(context: Context) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    create_app(context)
    assert (root.level, root.handlers) == before
