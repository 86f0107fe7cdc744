"""`fairway slo` against the real application."""

from datetime import timedelta
from typing import Any

import pytest

from fairway.db.clock import now
from fairway.db.database import Database
from fairway.domain.context import Context
from fairway.health import History
from fairway.health.figures import Figure
from fairway.health.series import SERVES
from fairway.models import Resource
from tests.cast import Cast
from tests.cli.conftest import Run, token_of
from tests.cli.documents import ID, resource
from tests.cli.script import Script
from tests.kube.assembly import add_resource


@pytest.fixture
def row(platform: str, database: Database, cast: Cast) -> Resource:
    return add_resource(database, cast, "db", "postgres")


def test_one_is_set_read_changed_listed_and_removed(run: Run, row: Resource) -> None:
    made = run("slo", "set", "db", "--objective", "99.9", "-o", "json").document
    assert (made["objective"], made["window_days"], made["state"]) == (99.9, 28, "unknown")
    assert run("slo", "set", "db", "--objective", "99.5", "--window", "7").code == 0
    kept = run("slo", "set", "shop/dev/db", "--objective", "99.95", "-o", "json").document
    assert (kept["objective"], kept["window_days"], kept["version"]) == (99.95, 7, 3)
    assert run("slo", "get", "db", "-o", "json").document["resource"] == row.id
    listed = run("slo", "list", "-o", "json").document
    assert [(one["name"], one["objective"]) for one in listed] == [("db", 99.95)]
    assert run("slo", "remove", "db").code == 0
    gone = run("slo", "get", "db")
    assert gone.code == 4 and "`fairway slo set db --objective 99.9` sets one" in gone.err
    assert run("slo", "-o", "json").document == []


def test_how_it_stands_is_told_in_words(run: Run, row: Resource, context: Context) -> None:
    assert isinstance(context.history, History)
    for number in range(40):
        at = now() - timedelta(seconds=15 * number)
        context.history.write(at, [Figure(row.id, SERVES, float(number >= 10), 15.0)])
    run("slo", "set", "db", "--objective", "99.9")
    said = dict(line.split(None, 1) for line in run("slo", "get", "db").out.splitlines())
    assert said["objective"] == "99.9 % in 28 d"
    assert said["state"] == "at risk"
    assert said["served"] == "75.000 % of what was measured"
    assert said["budget"] == "left  93.8 %, 2 min 30 s of 40 min 19 s spent"
    assert said["burn"].startswith("41.7 times in 1h")
    row_of_list = run("slo", "list").out.splitlines()[1]
    assert "99.9 %" in row_of_list and "93.8 %" in row_of_list and row_of_list.endswith("at risk")


def test_a_wrong_field_is_code_2_and_a_viewer_is_code_3(
    run: Run, row: Resource, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = run("slo", "set", "db", "--objective", "100", "--window", "400")
    assert wrong.code == 2
    assert "objective: 100 is no objective" in wrong.err and "window_days: 400 is no window" in wrong.err
    assert run("slo", "set", "db").code == 2
    assert run("slo", "set", "nothing", "--objective", "99.9").code == 4
    monkeypatch.setenv("FAIRWAY_TOKEN", token_of(cast, "vera"))
    assert run("slo", "set", "db", "--objective", "99.9").code == 3
    assert run("slo", "list").code == 0


def standing(**changes: Any) -> dict[str, Any]:
    document = {
        "resource": ID,
        "name": "db",
        "service": "shop",
        "environment": "dev",
        "objective": 99.9,
        "window_days": 28,
        "ratio": None,
        "coverage": None,
        "budget": {"seconds": 2419.2, "spent": None, "left_ratio": None},
        "burn": {"1h": None, "6h": None, "3d": None},
        "state": "unknown",
        "source": "prometheus",
        "silent": "",
        "set_by": "alice",
        "set_at": "2026-01-01T00:00:00+00:00",
        "version": 4,
    }
    return document | changes


def test_a_prometheus_that_does_not_answer_is_told_and_the_objective_still_shown(run: Run, script: Script) -> None:
    silent = standing(silent="Prometheus does not answer: refused")
    script.on("GET", "/resources", [resource()])
    script.on("GET", f"/resources/{ID}/slo", silent)
    script.on("GET", "/slos", [silent])
    found = run("slo", "get", "db")
    assert found.code == 0 and "99.9 %" in found.out and "no data" in found.out
    assert "How it stands is not known: Prometheus does not answer: refused" in found.err
    assert "Prometheus does not answer" in run("slo", "list").err


def test_a_change_says_what_it_is_a_change_of(run: Run, script: Script) -> None:
    script.on("GET", "/resources", [resource()])
    script.on("GET", f"/resources/{ID}/slo", standing(window_days=7), ETag='"4"')
    script.on("PUT", f"/resources/{ID}/slo", standing(window_days=7, version=5))
    assert run("slo", "set", "db", "--objective", "99.99").code == 0
    (sent,) = [asked for asked in script.asked if asked.method == "PUT"]
    assert sent.body == {"objective": 99.99, "window_days": 7}
    assert sent.headers["if-match"] == '"4"'
