"""Logs and events of a resource, and what else is done with one."""

import json
import re

import pytest

from tests.cli.conftest import Run
from tests.cli.documents import ID, RUN, resource
from tests.cli.documents import run as run_document
from tests.cli.script import Script

LOGS = f"/resources/{ID}/logs"
EVENTS = f"/resources/{ID}/events"
EVENT = {
    "at": "2026-01-01T10:20:30+00:00",
    "type": "Warning",
    "reason": "BackOff",
    "object": "Pod/db-0",
    "message": "Back-off restarting",
    "count": 3,
}


@pytest.fixture
def server(script: Script) -> Script:
    script.on("GET", "/resources", [resource()])
    return script


def test_logs_name_the_pod_of_each_line(run: Run, server: Script) -> None:
    server.on("GET", LOGS, "db-0 ready to accept  connections\ndb-0 \n")
    result = run("logs", "db", "--tail", "50")
    assert (result.code, result.out) == (0, "db-0 ready to accept  connections\ndb-0 \n")
    assert server.asked[-1].query == {"tail": "50"}


def test_logs_of_one_pod_are_its_lines_alone(run: Run, server: Script) -> None:
    server.on("GET", LOGS, "db-0 one\ndb-0 two\n")
    assert run("logs", "db", "--pod", "db-0", "--previous").out == "one\ntwo\n"
    assert server.asked[-1].query == {"tail": "200", "pod": "db-0", "previous": "true"}


def test_logs_as_json_tell_pod_and_line_apart(run: Run, server: Script) -> None:
    server.on("GET", LOGS, "db-0 one\n")
    assert run("logs", "db", "-o", "json").document == [{"pod": "db-0", "line": "one"}]
    assert run("logs", "db", "-f", "-o", "json").document == {"pod": "db-0", "line": "one"}
    assert server.asked[-1].query["follow"] == "true"


def test_logs_reach_a_terminal_without_what_could_command_it(
    run: Run, server: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("GET", LOGS, "db-0 \x1b[31mred\x1b[0m \x1b]0;title\x07\n")
    assert run("logs", "db").out == "db-0 red \x1b]0;title\x07\n"
    monkeypatch.setattr("fairway.cli.commands.logs.is_terminal", lambda: True)
    assert run("logs", "db").out == "db-0 red  ]0;title \n"


def test_what_an_earlier_container_said_does_not_go_on(run: Run, server: Script) -> None:
    assert run("logs", "db", "-f", "--previous").code == 2
    assert server.asked == []


def test_logs_that_are_not_there_are_told_with_their_code(run: Run, server: Script) -> None:
    server.on("GET", LOGS, {"detail": "There are no logs of an earlier container yet"}, status=409)
    result = run("logs", "db", "--previous")
    assert (result.code, result.err) == (5, "fairway: There are no logs of an earlier container yet\n")


def test_events_are_a_table_and_the_servers_documents(run: Run, server: Script) -> None:
    server.on("GET", EVENTS, [EVENT])
    out = run("events", "db").out
    assert re.search(r"2026-01-01 10:20:30 +Warning +BackOff +Pod/db-0 +3 +Back-off restarting", out)
    assert run("events", "db", "-o", "json").document == [EVENT]


def test_events_are_followed_line_by_line(run: Run, server: Script) -> None:
    server.stream(EVENTS, ("event", EVENT), ("event", EVENT | {"count": 1}))
    lines = run("events", "db", "-f").out.splitlines()
    assert lines[0].endswith("BackOff  Pod/db-0  Back-off restarting (x3)")
    assert lines[1].endswith("Back-off restarting")
    found = [json.loads(line)["count"] for line in run("events", "db", "-f", "-o", "json").out.splitlines()]
    assert found == [3, 1]


def test_a_refresh_is_a_run_without_a_preview(run: Run, server: Script) -> None:
    accepted = {"Location": f"/api/v1/runs/{RUN}"}
    server.on("POST", f"/resources/{ID}/runs", run_document(operation="refresh"), status=202, **accepted)
    server.stream(f"/runs/{RUN}/events", ("done", {"state": "succeeded"}))
    server.on("GET", f"/runs/{RUN}", run_document(operation="refresh"))
    server.on("GET", f"/resources/{ID}", resource())
    result = run("refresh", "db")
    assert (result.code, result.out) == (0, "shop/dev/db  ready\n")
    assert server.sent("POST", f"/resources/{ID}/runs") == [{"operation": "refresh"}]


def test_a_refresh_tells_what_somebody_changed_in_the_cluster(run: Run, server: Script) -> None:
    accepted = {"Location": f"/api/v1/runs/{RUN}"}
    server.on("POST", f"/resources/{ID}/runs", run_document(operation="refresh"), status=202, **accepted)
    server.stream(f"/runs/{RUN}/events", ("done", {"state": "succeeded"}))
    steps = [
        {"op": "update", "type": "kubernetes:apps/v1:Deployment", "name": "db", "urn": "urn:1", "status": "done"},
        {"op": "delete", "type": "kubernetes:core/v1:Service", "name": "db", "urn": "urn:2", "status": "done"},
    ]
    server.on("GET", f"/runs/{RUN}", {**run_document(operation="refresh"), "steps": steps})
    server.on("GET", f"/resources/{ID}", resource())
    result = run("refresh", "db")
    assert result.code == 0
    assert "Deployment db was changed in the cluster" in result.err
    assert "Service db is gone from the cluster" in result.err
    assert "fairway update" in result.err
