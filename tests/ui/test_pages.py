"""Every page renders, and every form works without JavaScript."""

import re
from collections.abc import Callable

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from fairway.db.database import Database
from fairway.domain import people, signin
from tests.cast import Cast
from tests.ui.browser import Browser

Open = Callable[[str], Browser]
PAGES = (
    "/",
    "/services",
    "/services/shop",
    "/catalog",
    "/teams",
    "/teams/payments",
    "/environments",
    "/environments/dev",
    "/tokens",
    "/audit",
    "/account",
    "/reference",
    "/search",
    "/search?q=shop",
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("name", ["ada", "alice", "vera"])
def test_a_page_renders_with_one_heading_and_no_inline_code(open_as: Open, path: str, name: str) -> None:
    answer = open_as(name).get(path)
    assert answer.status_code == 200, answer.text
    assert answer.text.count("<h1") == 1
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script>", answer.text)
    assert answer.headers["cache-control"] == "no-store"


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page_and_back(client: TestClient[Litestar], cast: Cast) -> None:
    answer = client.get("/services/shop?x=1", headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/services/shop%3Fx%3D1"


def test_a_sign_in_link_works_once(client: TestClient[Litestar], cast: Cast, database: Database) -> None:
    with database.write() as session:
        secret = signin.make_link(session, people.named(session, "bob"))
    first = client.get(f"/sign-in/{secret}")
    assert first.status_code == 303
    assert signin.COOKIE in first.cookies
    assert "httponly" in first.headers["set-cookie"].lower()
    assert client.get("/").status_code == 200
    client.cookies.clear()
    again = client.get(f"/sign-in/{secret}", headers={"Accept": "text/html"})
    assert again.status_code == 401
    assert "used already" in again.text


def test_a_password_signs_in_and_a_wrong_one_is_told(
    client: TestClient[Litestar], cast: Cast, database: Database
) -> None:
    with database.write() as session:
        people.set_password(session, cast.bob, "four unrelated words here")
    wrong = client.post("/sign-in", data={"name": "bob", "password": "nope", "next": "/teams"})
    assert wrong.status_code == 401
    assert "do not match" in wrong.text
    right = client.post("/sign-in", data={"name": "bob", "password": "four unrelated words here", "next": "/teams"})
    assert right.headers["location"] == "/teams"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_signing_in_leads_to_no_other_site(open_as: Open, target: str) -> None:
    assert open_as("bob").client.get("/sign-in", params={"next": target}).headers["location"] == "/"


def test_signing_out_ends_the_session(open_as: Open) -> None:
    bob = open_as("bob")
    assert bob.send("/sign-out").headers["location"] == "/sign-in"
    assert bob.get("/").status_code == 303


def test_a_form_without_the_token_is_refused_with_a_page(open_as: Open) -> None:
    bob = open_as("bob")
    answer = bob.client.post("/services", data={"name": "blog"}, headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert "<h1>The form is from another session" in answer.text


def test_a_service_is_made_by_a_form(open_as: Open) -> None:
    assert "<h1>blog</h1>" in open_as("bob").submit("/services", name="blog", summary="Writes").text


def test_who_has_no_service_makes_one_on_the_way_to_a_resource(open_as: Open) -> None:
    charlie = open_as("charlie")
    first = charlie.get("/create/postgres").text
    assert 'value="/create/postgres"' in first and "Make service and go on" in first
    wrong = charlie.send("/services", name="My Blog", next="/create/postgres")
    assert wrong.status_code == 422 and 'value="/create/postgres"' in wrong.text
    form = charlie.submit("/services", name="blog", next="/create/postgres").text
    assert re.search(r'<option value="blog" selected>', form) and "<h1>Create PostgreSQL</h1>" in form
    elsewhere = charlie.send("/services", name="shop-2", next="https://example.org/")
    assert elsewhere.headers["location"] == "/?service=shop-2"


def test_a_wrong_field_is_shown_again_with_its_error(open_as: Open) -> None:
    answer = open_as("bob").send("/services", name="My Blog", summary="Kept")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text and 'id="name-error"' in answer.text
    assert 'value="My Blog"' in answer.text and 'value="Kept"' in answer.text
    assert "my-blog" in answer.text


def test_a_viewer_is_told_why_not(open_as: Open) -> None:
    answer = open_as("vera").send("/services", name="blog", team="payments")
    assert answer.status_code == 403


def test_a_team_is_made_changed_and_joined(open_as: Open, client: TestClient[Litestar]) -> None:
    alice = open_as("alice")
    assert "Search people" in alice.submit("/teams", name="search", title="Search people", budget_monthly="500").text
    page = alice.submit("/teams/search", title="Finders", budget_monthly="", version="1")
    assert "<h1>Finders</h1>" in page.text
    invited = alice.send("/teams/search/invitations", role="member")
    (link,) = set(re.findall(r"http://[^<\"]*(/invitations/[\w-]+)", invited.text))
    client.cookies.clear()
    assert "Join search" in client.get(link).text
    joined = client.post(link, data={"name": "dora", "full_name": "Dora", "password": "four unrelated words"})
    assert joined.status_code == 303
    assert "dora" in open_as("alice").get("/teams/search").text
    assert client.get(link).status_code == 404


def test_an_owner_sets_roles_and_removes_people(open_as: Open) -> None:
    alice = open_as("alice")
    alice.submit("/teams/payments/members/vera", role="member")
    page = alice.submit("/teams/payments/members/bob", role="none").text
    assert "bob" not in page
    refused = alice.send("/teams/payments/members/alice", role="none")
    assert refused.status_code == 409
    assert "without an owner" in refused.text


def test_a_token_is_shown_once_and_revoked(open_as: Open) -> None:
    bob = open_as("bob")
    made = bob.send("/tokens", name="pipeline", days="30", scopes=["read", "write"])
    assert re.search(r"fw_[\w-]{20,}", made.text)
    page = bob.get("/tokens").text
    assert not re.search(r"fw_[\w-]{20,}", page)
    (path, *_) = re.findall(r'action="(/tokens/[\w-]+/revocation)"', page)
    assert "Revoked" in bob.submit(path).text


def test_an_admin_changes_a_policy_and_it_is_audited(open_as: Open) -> None:
    ada = open_as("ada")
    page = ada.submit("/environments/dev/policy", chaos="yes", approval="yes", quota_resources="7", version="1")
    assert 'value="7"' in page.text
    assert "environment.set_policy" in ada.get("/audit").text
    assert open_as("bob").send("/environments/dev/policy", chaos="yes").status_code == 403


def test_an_unknown_page_is_a_page_and_an_unknown_route_of_the_api_a_problem(open_as: Open) -> None:
    bob = open_as("bob")
    assert "<h1>" in bob.get("/nowhere").text
    assert bob.get("/api/v1/nowhere").headers["content-type"] == "application/problem+json"


def test_the_theme_comes_from_a_cookie(open_as: Open) -> None:
    bob = open_as("bob")
    assert "data-theme" not in bob.get("/").text.split("<head>")[0]
    bob.submit("/theme", theme="dark", next="/teams")
    assert '<html lang="en" data-theme="dark">' in bob.get("/").text


def test_static_files_are_open_and_versioned(client: TestClient[Litestar]) -> None:
    for path in re.findall(r'(?:href|src)="(/static/[^"#]+)', client.get("/sign-in").text):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "max-age" in answer.headers["cache-control"]
