"""Objectives on the pages: the card on the Health tab with its form, and the list by what is left."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from fairway.db.clock import now
from fairway.db.database import Database
from fairway.domain import slos
from fairway.domain.context import Context
from fairway.domain.wishes import Wish
from fairway.errors import Unreachable
from fairway.health import History
from fairway.health.figures import Figure
from fairway.health.series import SERVES
from fairway.models import Operation, Resource
from tests.cast import Cast
from tests.provisioned import apply
from tests.ui.browser import Browser

Open = Callable[[str], Browser]


@pytest.fixture
def orders(context: Context, cast: Cast) -> Resource:
    return make(context, cast, "orders-db")


def make(context: Context, cast: Cast, name: str) -> Resource:
    wish = Wish(Operation.CREATE, service="shop", environment="dev", name=name, offering="postgres", plan="dev")
    return apply(context, cast.bob, wish)


def measure(context: Context, row: Resource, failing: int, rounds: int = 40) -> None:
    """The last rounds, of which the newest were failing."""
    assert isinstance(context.history, History)
    for number in range(rounds):
        at = now() - timedelta(seconds=15 * number)
        context.history.write(at, [Figure(row.id, SERVES, float(number >= failing), 15.0)])


def card(page: str) -> str:
    return page.split('<section id="slo">')[1].split("</section>")[0]


def test_where_none_is_set_the_page_says_what_it_is_and_members_set_one(open_as: Open, orders: Resource) -> None:
    path = f"/resources/{orders.id}"
    seen = card(open_as("vera").get(f"{path}/health").text)
    assert "None is set" in seen and "A member of the team sets one" in seen and "<form" not in seen
    bob = open_as("bob")
    assert "<form" in card(bob.get(f"{path}/health").text)
    after = card(bob.submit(f"{path}/slo", objective="99.9", window_days="28", version="0").text)
    assert "99.9\u00a0% in 28\u00a0d" in after and "Nothing was measured yet" in after
    assert "Change objective" in after and "Remove objective" in after
    gone = card(bob.submit(f"{path}/slo/removal", version="1").text)
    assert "None is set" in gone


def test_what_is_left_and_how_it_burns_is_shown_to_all(open_as: Open, orders: Resource, context: Context) -> None:
    measure(context, orders, failing=10)
    open_as("bob").submit(f"/resources/{orders.id}/slo", objective="99.9", window_days="28")
    page = open_as("vera").get(f"/resources/{orders.id}/health").text
    seen = card(page)
    for said in (
        "At risk",
        "93.8\u00a0%",
        "2\u00a0min 30\u00a0s of 40\u00a0min 19\u00a0s are spent in the last 28\u00a0d",
        "75.000\u00a0%",
        "41.7",
    ):
        assert said in seen, said
    assert 'aria-label="Error budget: 93.8\u00a0% left"' in seen and "<form" not in seen
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script>", page)
    polled = open_as("vera").get(f"/resources/{orders.id}/slo", **{"HX-Request": "true"}).text
    assert "93.8\u00a0%" in polled and "<html" not in polled
    assert open_as("charlie").get(f"/resources/{orders.id}/slo").status_code == 404


def test_an_overspent_budget_is_breached_and_says_by_how_much(
    open_as: Open, orders: Resource, context: Context
) -> None:
    measure(context, orders, failing=40)
    open_as("bob").submit(f"/resources/{orders.id}/slo", objective="99.99", window_days="7")
    seen = card(open_as("vera").get(f"/resources/{orders.id}/health").text)
    assert "Breached" in seen and 'aria-label="Error budget: overspent by 892\u00a0%"' in seen
    assert "10\u00a0min of 1\u00a0min are spent" in seen


@pytest.mark.parametrize(
    ("objective", "days", "wrong"),
    [("100", "28", ["objective"]), ("much", "x", ["objective", "window_days"]), ("99.9", "400", ["window_days"])],
)
def test_a_wrong_field_keeps_what_was_typed(
    open_as: Open, orders: Resource, objective: str, days: str, wrong: list[str]
) -> None:
    answer = open_as("bob").send(f"/resources/{orders.id}/slo", objective=objective, window_days=days)
    assert answer.status_code == 422
    for name in wrong:
        assert f'id="{name}-error"' in answer.text and f'href="#{name}"' in answer.text
    assert f'value="{objective}"' in answer.text and f'value="{days}"' in answer.text


def test_a_form_that_was_overtaken_is_refused_and_shows_what_is_there(open_as: Open, orders: Resource) -> None:
    bob = open_as("bob")
    bob.submit(f"/resources/{orders.id}/slo", objective="99.9", window_days="28", version="0")
    late = bob.send(f"/resources/{orders.id}/slo", objective="95", window_days="28", version="0")
    assert late.status_code == 412 and "was changed in the meantime" in late.text
    assert bob.send(f"/resources/{orders.id}/slo/removal", version="7").status_code == 412
    assert open_as("vera").send(f"/resources/{orders.id}/slo", objective="99", window_days="28").status_code == 403


def test_the_list_is_sorted_by_what_is_left(open_as: Open, context: Context, cast: Cast, database: Database) -> None:
    for name, failing in (("fine-db", 0), ("worst-db", 40), ("bad-db", 3), ("new-db", -1)):
        row = make(context, cast, name)
        with database.write() as session:
            slos.put(session, cast.bob, row, 99.99, 7)
        if failing >= 0:
            measure(context, row, failing)
    page = open_as("vera").get("/slos").text
    assert re.findall(r">(\w+-db)</a>", page) == ["worst-db", "bad-db", "fine-db", "new-db"]
    assert "Breached" in page and "At risk" in page and "Met" in page and "No data" in page
    assert re.findall(r">(\w+-db)</a>", open_as("vera").get("/slos?environment=prod").text) == []
    assert "No objective is set" in open_as("charlie").get("/slos").text
    assert "<html" not in open_as("vera").get("/slos", **{"HX-Request": "true"}).text


def test_a_history_that_does_not_answer_is_told_once_and_nothing_else_breaks(
    open_as: Open, orders: Resource, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(*_: object, **__: object) -> None:
        asked.append("")
        raise Unreachable("Prometheus does not answer: timed out")

    assert isinstance(context.history, History)
    monkeypatch.setattr(context.history, "served", refuse)
    monkeypatch.setattr(context.history, "series", refuse)
    bob = open_as("bob")
    page = bob.submit(f"/resources/{orders.id}/slo", objective="99.9", window_days="28")
    seen = card(page.text)
    assert page.status_code == 200 and len(asked) == 1
    assert (
        "Prometheus does not answer: timed out" in seen and "99.9\u00a0% in 28" in seen and "Change objective" in seen
    )
    listed = bob.get("/slos")
    assert listed.status_code == 200 and "Prometheus does not answer" in listed.text and "orders-db" in listed.text
