"""The main job as a person does it: every step in a browser, on a platform that was just started."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.chromium import accessible, chromium
from tests.e2e.platform import Platform

__all__ = ["chromium"]

pytestmark = [
    pytest.mark.whole,
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("browsed"),
]
SLOW = 60_000
AFTER_A_CHANGE = 400  # the forms wait for 300 ms whether another one follows
WIDE = ViewportSize(width=1440, height=900)
NARROW = ViewportSize(width=390, height=844)


@dataclass
class Visit:
    """One person's browser. service: whose things it makes. errors: what console and pages complained about."""

    page: Page
    url: str
    service: str
    errors: list[str]

    def go(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page

    def type(self, label: str, text: str) -> None:
        """Into a field of a form whose preview follows it; then the preview has."""
        self.page.get_by_label(label).fill(text)
        self.page.get_by_label(label).press("Tab")
        self.page.wait_for_timeout(AFTER_A_CHANGE)
        expect(self.page.locator(".htmx-request")).to_have_count(0)

    def press(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("button", name=name).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def succeeds(self) -> None:
        """Waits on the page of a run, which follows it by itself."""
        expect(self.page.locator("#acts .primary")).to_contain_text("Open", timeout=SLOW)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(tmp_path_factory.mktemp("browsed"))
    platform.start()
    yield platform
    platform.leave()


def visit(chromium: Browser, address: str, service: str) -> Visit:
    page = chromium.new_context(viewport=WIDE).new_page()
    found = Visit(page, address.partition("/sign-in")[0].partition("/invitations")[0], service, [])
    page.on("console", lambda message: found.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    page.goto(address)
    return found


@pytest.fixture(scope="module")
def ada(chromium: Browser, platform: Platform) -> Iterator[Visit]:
    """Came by the link that the start printed."""
    found = visit(chromium, platform.link, platform.service)
    yield found
    found.page.context.close()
    assert not [error for error in found.errors if "status of 4" not in error and "Error Code 4" not in error]


@pytest.fixture(scope="module")
def database(ada: Visit) -> str:
    """The path of a Postgres, from the first page on: service, form, preview, one button, the run as it goes."""
    page = ada.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing provisioned yet")
    ada.follow("Create Postgres")
    page.get_by_label("Name").fill(ada.service)
    ada.press("Make service and go on")
    ada.type("Resource name", "orders-db")
    expect(page.locator("#preview")).to_contain_text("StatefulSet orders-db", timeout=SLOW)
    expect(page.locator("#preview")).to_contain_text("€9")
    ada.press("Create orders-db")
    expect(page.get_by_role("heading", level=1)).to_have_text("Create orders-db in dev")
    expect(page.locator("#steps")).to_contain_text("StatefulSet")
    ada.succeeds()
    ada.follow("Open orders-db")
    return ada.path


@pytest.fixture(scope="module")
def guest_book(ada: Visit, database: str) -> str:
    """The path of the demo application in three replicas, bound to the database."""
    page = ada.go(f"/create/deployment?service={ada.service}")
    page.get_by_label("Resource name").fill("web")
    page.get_by_label("Image").fill("fairway/demo:1")
    page.get_by_label("Replicas").fill("3")
    page.get_by_label("orders-db").check()
    page.get_by_label("Health path").fill("/healthz")
    ada.type("Metrics path", "/metrics")
    expect(page.locator("#preview")).to_contain_text("PodDisruptionBudget web", timeout=SLOW)
    ada.press("Create web")
    ada.succeeds()
    ada.follow("Open web")
    return ada.path


def test_the_connection_panel_works_and_a_reveal_is_audited(ada: Visit, database: str) -> None:
    page = ada.go(database)
    panel = page.locator("#connection")
    expect(panel.get_by_role("row", name="Password")).to_contain_text("****")
    expect(panel.get_by_role("row", name=re.compile("^Command"))).to_contain_text("psql")
    ada.press("Reveal password")
    uri = panel.get_by_role("row", name=re.compile("^URI")).locator("code")
    expect(uri).not_to_contain_text("****")
    with psycopg.connect(uri.inner_text()) as connection:
        connection.execute("create table kept (line text)")
        connection.execute("insert into kept values ('before the kill')")
    expect(ada.go("/audit").get_by_role("main")).to_contain_text("resource.reveal")


def test_the_application_writes_into_its_database(ada: Visit, guest_book: str) -> None:
    page = ada.go(guest_book)
    page.get_by_role("main").get_by_role("link", name=re.compile("^http:..")).first.click()
    page.get_by_label("A line").fill("written in a browser")
    ada.press("Write")
    expect(page.locator("body")).to_contain_text("written in a browser")


def test_health_draws_what_was_scraped_and_logs_and_events_are_there(ada: Visit, guest_book: str) -> None:
    page = ada.go(f"{guest_book}/health")
    expect(page.get_by_role("main")).to_contain_text("Healthy", timeout=SLOW)
    expect(page.locator(".canvas canvas").first).to_be_visible(timeout=SLOW)
    expect(ada.go(f"{guest_book}/logs").locator("#lines")).to_contain_text("listening on")
    expect(ada.go(f"{guest_book}/events").locator("#events")).to_contain_text("Started")


def test_a_killed_pod_comes_back_and_the_report_says_how_fast(ada: Visit, guest_book: str) -> None:
    page = ada.go(guest_book)
    ada.follow("Break something")
    expect(page.locator("#summary")).to_have_text("Would kill 1 of 3 pods")
    ada.type("Baseline, seconds", "2")
    ada.type("Afterwards, seconds", "2")
    ada.press("Kill 1 pod")
    expect(page.locator("#ladder [aria-current=step]")).to_be_visible()
    expect(page.locator("#report")).to_contain_text("Pass", timeout=SLOW)
    expect(page.locator("#pods")).to_contain_text("web-")


def test_a_trial_is_aborted_in_the_middle_and_the_kill_switch_refuses_the_next(ada: Visit, guest_book: str) -> None:
    page = ada.go(f"{guest_book}/chaos")
    ada.type("Baseline, seconds", "300")
    ada.press("Kill 1 pod")
    page.get_by_label("Why, for the audit").fill("changed my mind")
    ada.press("Abort")
    expect(page.locator("#report")).to_contain_text("Aborted", timeout=SLOW)
    page = ada.go("/chaos")
    page.get_by_label("Why").fill("outage of checkout")
    ada.press("Stop all trials")
    page = ada.go(f"{guest_book}/chaos")
    expect(page.get_by_label("Kill switch")).to_contain_text("outage of checkout")
    expect(page.locator("#preview")).to_contain_text("It cannot start")
    ada.press("Resume trials")


def test_the_only_database_asks_for_a_typed_word_and_keeps_its_rows(ada: Visit, database: str) -> None:
    page = ada.go(f"{database}/chaos")
    ada.type("Baseline, seconds", "1")
    ada.type("Afterwards, seconds", "1")
    page.get_by_label("Do it on purpose").check()
    page.get_by_label("Type orders-db to confirm").fill("orders-db")
    ada.press("Kill 1 pod")
    expect(page.locator("#report")).to_contain_text("Pass", timeout=SLOW)
    page = ada.go(database)
    ada.press("Reveal password")
    uri = page.locator("#connection").get_by_role("row", name=re.compile("^URI")).locator("code")
    expect(uri).not_to_contain_text("****")
    with psycopg.connect(uri.inner_text()) as connection:
        assert connection.execute("select line from kept").fetchall() == [("before the kill",)]


def test_a_bad_image_tells_its_cause_and_a_roll_back_ends_it(ada: Visit, guest_book: str) -> None:
    page = ada.go(guest_book)
    ada.follow("Deploy")
    ada.type("Image", "fairway/nothing:9")
    expect(page.locator("#preview")).to_contain_text("fairway/nothing:9", timeout=SLOW)
    ada.press("Update web")
    expect(page.locator("#acts")).to_contain_text("Try again", timeout=SLOW)
    expect(page.locator("#wait")).to_contain_text(re.compile("ImagePullBackOff|ErrImagePull"))
    page = ada.go(f"{guest_book}/revisions")
    ada.press(re.compile("Roll back|Apply again"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Roll")
    ada.press(re.compile("^Rollback|^Roll back"))
    ada.succeeds()


def test_prod_waits_for_another_person_who_came_by_an_invitation(
    ada: Visit, chromium: Browser, database: str, platform: Platform
) -> None:
    page = ada.go(f"/create/redis?service={ada.service}&environment=prod")
    ada.type("Resource name", "sessions")
    ada.press("Ask to create sessions")
    expect(page.locator("#ladder [aria-current=step]")).to_contain_text("pproval")
    waiting = ada.path
    page = ada.go("/teams/first-team")
    page.get_by_label("Invite a").select_option("owner")
    ada.press("Make an invitation link")
    bea = visit(chromium, page.locator("#link").inner_text(), ada.service)
    bea.page.get_by_label("Name", exact=True).fill("bea")
    bea.page.get_by_label("Password").fill("correct horse battery staple")
    bea.press("Join first-team")
    bea.go(waiting)
    bea.page.get_by_label("Comment").fill("looks right")
    bea.press("Approve create")
    bea.succeeds()
    expect(bea.page.get_by_role("main")).to_contain_text("looks right")
    bea.page.context.close()
    assert not bea.errors


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_every_page_is_accessible_with_real_things_on_it(
    ada: Visit, database: str, guest_book: str, size: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    page = ada.page
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    tabs = ("", "/health", "/pods", "/logs", "/events", "/chaos", "/runs", "/revisions", "/settings", "/change")
    singles = ("/", "/services", f"/services/{ada.service}", "/resources", "/runs", "/chaos", "/audit", "/reference")
    forms = ("/create/postgres", "/create/deployment")
    for path in (*singles, *forms, database, *(guest_book + tab for tab in tabs)):
        ada.go(path)
        accessible(page)
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")


def test_z_a_resource_is_destroyed_by_its_typed_name_after_what_uses_it(
    ada: Visit, database: str, guest_book: str, platform: Platform
) -> None:
    expect(ada.go(f"{database}/settings").get_by_role("main")).to_contain_text("Used by web")
    for path, name in ((guest_book, "web"), (database, "orders-db")):
        page = ada.go(f"{path}/settings")
        ada.press(f"Destroy {name}")
        expect(page.get_by_role("table")).to_contain_text("Service", timeout=SLOW)
        page.get_by_label(f"Type {name} to confirm").fill(name)
        ada.press(f"Destroy {name}")
        ada.succeeds()
    expect(ada.go(database).get_by_role("main")).to_contain_text("It is destroyed")
    assert platform.objects() == []
