"""Charts and reasons on the pages of a resource: what is shown was measured, and a gap is a gap."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from fairway.db.clock import now
from fairway.db.database import Database
from fairway.domain.context import Context
from fairway.domain.wishes import Wish
from fairway.health import History
from fairway.health.figures import Figure
from fairway.models import Operation, Resource
from tests.cast import Cast
from tests.provisioned import apply
from tests.ui.browser import Browser

Open = Callable[[str], Browser]


@pytest.fixture
def history(context: Context) -> Iterator[History]:
    assert isinstance(context.history, History)
    yield context.history
    context.history.close()


@pytest.fixture
def orders(context: Context, cast: Cast, history: History, database: Database) -> Resource:
    """A database whose connections were 7, then 41 of 50, with a gap between."""
    wish = Wish(Operation.CREATE, service="shop", environment="dev", name="orders-db", offering="postgres", plan="dev")
    row = apply(context, cast.bob, wish)
    for seconds, value in ((90, 7.0), (75, 7.0), (15, 41.0), (0, 41.0)):
        at = now() - timedelta(seconds=seconds)
        history.write(at, [Figure(row.id, "connections", value, 50.0), Figure(row.id, "size", value * 2**20)])
    with database.write() as session:
        kept = session.get_one(Resource, row.id)
        kept.health = {"status": "degraded", "reasons": [{"code": "connections", "message": "46 of 50 are in use"}]}
        kept.health_at = now()
    return row


def test_the_health_tab_says_why_and_shows_each_figure_in_words_too(open_as: Open, orders: Resource) -> None:
    page = open_as("vera").get(f"/resources/{orders.id}/health").text
    assert "46 of 50 are in use" in page and "Connections" in page
    for said in ("41\u00a0connections", "7\u00a0connections", "50\u00a0connections", "41\u00a0MiB"):
        assert said in page, said
    assert 'aria-label="Connections: 41\u00a0connections now, between 7\u00a0connections and' in page
    assert "no data" in page
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script>", page)
    assert open_as("charlie").get(f"/resources/{orders.id}/health").status_code == 404


def test_why_is_looked_at_again_with_the_figures(open_as: Open, orders: Resource) -> None:
    again = open_as("vera").get(f"/resources/{orders.id}/health", **{"HX-Request": "true"}).text
    assert '<section id="why" hx-swap-oob="true">' in again and "46 of 50 are in use" in again
    assert "hx-swap-oob" not in open_as("vera").get(f"/resources/{orders.id}/health").text


def test_the_span_is_switched_and_an_unknown_one_refused(open_as: Open, orders: Resource) -> None:
    bob = open_as("bob")
    for span in ("15m", "6h", "7d"):
        page = bob.get(f"/resources/{orders.id}/health?since={span}").text
        assert f'since={span}" aria-current="true"' in page
        assert f"/health/series?since={span}" in page
    assert bob.get(f"/resources/{orders.id}/health?since=9y").status_code == 422


def test_the_script_gets_columns_with_gaps_words_and_marks(open_as: Open, orders: Resource) -> None:
    answer = open_as("vera").get(f"/resources/{orders.id}/health/series?since=15m").json()
    chart = next(c for c in answer["charts"] if c["name"] == "connections")
    values = chart["series"]["value"]
    assert {7.0, 41.0, None} == set(values) and len(values) == len(chart["series"]["at"])
    assert chart["said"] == "41 of 50\u00a0connections"
    assert [m["kind"] for m in answer["marks"]] == ["deploy"]


def test_a_gap_breaks_the_line_of_the_drawing(open_as: Open, orders: Resource) -> None:
    page = open_as("bob").get(f"/resources/{orders.id}/health").text
    figure = page.split('data-chart="connections"')[1].split("</figure>")[0]
    (line,) = re.findall(r'stroke="var\(--accent\)"[^>]* d="([^"]+)"', figure)
    assert line.count("M") == 2


def test_the_overview_shows_the_key_figures_and_polls_them(open_as: Open, orders: Resource) -> None:
    bob = open_as("bob")
    page = bob.get(f"/resources/{orders.id}").text
    assert f'hx-get="/resources/{orders.id}/figures"' in page and "41 of 50\u00a0connections" in page
    assert "41 of 50\u00a0connections" in bob.get(f"/resources/{orders.id}/figures").text
