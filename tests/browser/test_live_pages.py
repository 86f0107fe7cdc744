"""The pages about health, chaos, logs and events in a real browser: live, by keyboard, and read by axe."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect
from sqlmodel import select

from fairway.db.clock import now
from fairway.domain import kill_switch, trial_progress, trials
from fairway.domain.context import Context
from fairway.health import History
from fairway.health.figures import Figure
from fairway.health.series import SERVES
from fairway.models import Cluster, Resource, Trial
from tests.browser.shore import Shore
from tests.cast import Cast
from tests.chromium import accessible
from tests.kube.fake import Running, running
from tests.kube.objects import pod, warning, workload
from tests.ui import trial as made

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
PODS = ("orders-db-0", "orders-db-1", "orders-db-2")


@dataclass(frozen=True)
class Coast:
    """A database of three pods in a cluster that answers, with an hour of figures and a finished trial."""

    resource: Resource
    trial: Trial
    fake: Running

    @property
    def path(self) -> str:
        return f"/resources/{self.resource.id}"


@pytest.fixture
def coast(context: Context, cast: Cast, shore: Shore) -> Iterator[Coast]:
    with running() as fake:
        row = shore.database
        with context.database.write() as session:
            cluster = session.exec(select(Cluster)).one()
            cluster.kubeconfig = context.vault.seal(fake.kubeconfig, f"cluster:{cluster.id}")
            row = session.get_one(Resource, row.id)
            row.namespace = "shop-dev"
        fake.api.put("deployments", workload("orders-db", row.id, replicas=3, ready=3))
        for name in PODS:
            document = pod(name, row.id)
            document["metadata"]["labels"]["app.kubernetes.io/name"] = "orders-db"
            fake.api.put("pods", document)
            fake.api.logs[name] = f"2026-11-23T13:26:49.1Z {name} is ready to accept connections\n"
        fake.api.put("events", warning("orders-db-0", "BackOff", "restarting failed container"))
        assert isinstance(context.history, History)
        for number in range(240):
            if 100 < number < 120:
                continue
            at = now() - timedelta(seconds=15 * number)
            busy = 20 + 15 * (number % 7) / 7 + (30 if 40 < number < 60 else 0)
            figures = [Figure(row.id, "connections", busy, 50.0), Figure(row.id, "size", 7e6 + 1e4 * (240 - number))]
            context.history.write(at, [*figures, Figure(row.id, "ready", 3.0, 3.0)])
        yield Coast(row, made.finish(context, cast.bob, row), fake)
        context.history.close()


def test_the_charts_are_drawn_and_the_figures_stand_in_a_table(open_page: Open, coast: Coast) -> None:
    page = open_page("bob", f"{coast.path}/health")
    expect(page.locator(".canvas canvas")).to_have_count(4)
    box = page.locator('[data-chart="connections"] .canvas')
    assert (box.get_attribute("aria-label") or "").startswith("Connections: ")
    box.hover()
    expect(page.locator('[data-chart="connections"] [data-said]')).to_contain_text(" at ")
    page.get_by_role("link", name="6 h").click()
    expect(page.locator('[aria-label="Span"] [aria-current]')).to_have_text("6 h")
    expect(page.get_by_role("row", name="Connections")).to_contain_text("connections")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_objective_is_set_by_hand_and_seen_in_the_list(
    open_page: Open, coast: Coast, context: Context, width: int, scheme: str
) -> None:
    assert isinstance(context.history, History)
    for number in range(40):
        at = now() - timedelta(seconds=15 * number)
        context.history.write(at, [Figure(coast.resource.id, SERVES, float(number >= 8), 15.0)])
    page = open_page("bob", f"{coast.path}/health", width=width, scheme=scheme)
    page.get_by_label("Objective, percent").fill("99.9")
    page.get_by_role("button", name="Set objective").click()
    expect(page.locator("#standing")).to_contain_text("At risk")
    expect(page.get_by_role("img", name="Error budget: 95.0")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="All SLOs").click()
    expect(page.get_by_role("row", name="orders-db")).to_contain_text("95.0")
    accessible(page)


def test_a_trial_is_previewed_as_the_form_changes_and_started(open_page: Open, coast: Coast, context: Context) -> None:
    page = open_page("bob", f"{coast.path}/chaos")
    page.locator('[value="evict"]').check()
    expect(page.locator(".blast .victim")).to_have_count(1)
    page.get_by_label("Baseline, seconds").fill("5")
    page.get_by_label("Number of pods").fill("2")
    page.get_by_label("Number of pods").press("Tab")
    expect(page.get_by_text("It cannot start")).to_be_visible()
    page.get_by_label("Number of pods").fill("1")
    page.get_by_label("Number of pods").press("Enter")
    expect(page.get_by_role("button", name="Kill 1 pod")).to_be_visible()
    with context.database.read() as session:
        assert len(session.exec(select(Trial)).all()) == 1, "Enter in a field starts nothing"
    page.get_by_role("button", name="Kill 1 pod").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Kill pods of orders-db")
    expect(page.get_by_role("button", name="Abort")).to_be_visible()


def test_a_change_while_a_preview_is_asked_for_is_previewed_next(open_page: Open, coast: Coast) -> None:
    page = open_page("bob", f"{coast.path}/chaos")
    page.locator('[value="evict"]').check()
    expect(page.locator(".blast .victim")).to_have_count(1)
    expect(page.get_by_role("button", name="Kill 1 pod")).to_be_enabled()
    held: list[Route] = []
    page.route("**/chaos/preview", lambda route: held.append(route), times=1)
    with page.expect_request("**/chaos/preview"):
        page.get_by_label("Number of pods").fill("2")
        page.get_by_label("Number of pods").press("Tab")
    page.locator('[name="action-mode"][value="all"]').check()
    page.wait_for_timeout(600)
    held[0].continue_()
    expect(page.get_by_text("Would kill 3 of 3 pods")).to_be_visible()


def test_nothing_is_started_by_a_preview_that_the_form_has_left_behind(open_page: Open, coast: Coast) -> None:
    page = open_page("bob", f"{coast.path}/chaos")
    page.locator('[value="evict"]').check()
    kill = page.get_by_role("button", name="Kill 1 pod")
    expect(kill).to_be_enabled()
    held: list[Route] = []
    page.route("**/chaos/preview", lambda route: held.append(route), times=3)
    with page.expect_request("**/chaos/preview"):
        page.get_by_label("Baseline, seconds").fill("5")
        page.get_by_label("Baseline, seconds").press("Tab")
    expect(kill).to_be_disabled()
    held[0].fulfill(status=409, body="")
    expect(kill).to_be_enabled()
    with page.expect_request("**/chaos/preview"):
        page.get_by_label("Baseline, seconds").fill("6")
        page.get_by_label("Baseline, seconds").press("Tab")
    expect(kill).to_be_disabled()
    page.get_by_label("Baseline, seconds").fill("7")
    page.get_by_label("Baseline, seconds").press("Tab")
    page.wait_for_timeout(400)
    with page.expect_response("**/chaos/preview"):
        held[1].continue_()
    expect(kill).to_be_disabled(timeout=1)
    while len(held) < 3:
        page.wait_for_timeout(20)
    held[2].continue_()
    expect(kill).to_be_enabled()


def test_an_outage_on_purpose_is_typed_by_an_owner(open_page: Open, coast: Coast) -> None:
    page = open_page("alice", f"{coast.path}/chaos")
    page.locator('[value="evict"]').check()
    page.locator('[name="action-mode"][value="all"]').check()
    page.get_by_label("Do it on purpose").check()
    confirm = page.get_by_label("Type orders-db to confirm")
    confirm.fill("orders-db")
    with page.expect_response("**/chaos/preview"):
        page.get_by_label("Baseline, seconds").fill("5")
        page.get_by_label("Baseline, seconds").press("Tab")
    expect(confirm).to_have_value("orders-db")
    page.get_by_role("button", name="Kill 3 pods").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("in dev")


def test_a_running_trial_draws_itself_and_ends_with_its_report(
    open_page: Open, coast: Coast, context: Context, cast: Cast
) -> None:
    trial = made.begin(context, cast.bob, coast.resource)
    page = open_page("bob", f"/trials/{trial.id}")
    expect(page.get_by_text("Nobody was killed yet")).to_be_visible()
    with context.database.write() as session:
        row = trial_progress.claim(session, trial.id, "here")
        assert row is not None
        made.tell_all(session, row, until=15)
    expect(page.locator("#ladder [aria-current=step]")).to_contain_text("Recovering")
    expect(page.locator("#figure figcaption")).to_contain_text("1 pod killed at t0")
    expect(page.locator("#pods")).to_contain_text("web-6c4b9-h7wzn")
    with context.database.write() as session:
        trials.abort(session, cast.alice, session.get_one(Trial, trial.id), "not now")
    expect(page.locator("#abort")).to_contain_text("alice: not now")
    expect(page.get_by_role("button", name="Aborting")).to_be_disabled()
    with context.database.write() as session:
        trial_progress.end(session, trial.id, "here", made.document("4711"), {"samples": made.samples(0, 35)})
    expect(page.locator("#report")).to_contain_text("Fail")
    expect(page.locator("#report")).to_contain_text("11.84")
    expect(page.get_by_role("link", name="JUnit")).to_be_visible()
    expect(page.get_by_role("button", name="Abort")).to_have_count(0)


def test_lines_arrive_while_the_log_is_looked_at(open_page: Open, coast: Coast) -> None:
    page = open_page("bob", f"{coast.path}/logs")
    expect(page.locator("#lines")).to_contain_text("orders-db-1 is ready")
    page.get_by_label("Filter lines").fill("db-2")
    expect(page.locator("#lines li:visible")).to_have_count(1)


def test_events_arrive_while_they_are_looked_at(open_page: Open, coast: Coast) -> None:
    page = open_page("bob", f"{coast.path}/events")
    expect(page.locator("#events")).to_contain_text("restarting failed container")
    coast.fake.api.put("events", warning("orders-db-1", "Evicted", "was evicted just now"))
    expect(page.locator("#events")).to_contain_text("was evicted just now")


def paths(coast: Coast) -> list[str]:
    tabs = [f"{coast.path}{tab}" for tab in ("", "/health", "/logs", "/events", "/chaos")]
    return [*tabs, "/chaos", f"/trials/{coast.trial.id}"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(
    open_page: Open, coast: Coast, context: Context, cast: Cast, scheme: str
) -> None:
    with context.database.write() as session:
        kill_switch.halt(session, cast.bob, "outage of checkout")
    for path in paths(coast):
        page = open_page("bob", path, scheme=scheme)
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            accessible(page)
        page.context.close()
