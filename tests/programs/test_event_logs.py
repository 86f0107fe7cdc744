"""Reading what the real CLI wrote."""

import json
from pathlib import Path

import pytest

from fairway_stacks.automation.events import EventLog
from fairway_stacks.automation.tally import Tally

GOLDEN = Path(__file__).parent / "golden"


def tallied(name: str) -> Tally:
    tally = Tally()
    for event in EventLog(GOLDEN / f"{name}.jsonl").read():
        tally.add(event)
    return tally


def told(tally: Tally) -> list[tuple[str, str]]:
    return [(step.op, step.name) for step in tally.steps]


def test_a_creation_is_a_step_for_each_resource_without_its_provider() -> None:
    tally = tallied("create")
    assert tally.succeeded
    assert tally.changes == {"create": 6}
    names = ["p01-dev", "web", "web-sec", "web-cm", "web-svc", "web"]
    assert told(tally) == [("create", name) for name in names]
    assert [step.component for step in tally.steps] == [True, True, False, False, False, False]
    assert not tally.errors


def test_a_replacement_is_one_step_and_says_which_property_is_to_blame() -> None:
    tally = tallied("replace")
    assert tally.changes == {"replace": 3, "same": 1, "update": 2}
    assert [name for op, name in told(tally) if op == "replace"] == ["auto", "auto-sec", "fixed"]
    assert next(s for s in tally.steps if s.name == "auto").diff == {"data.a": "update-replace"}


def test_a_refresh_tells_what_it_found() -> None:
    tally = tallied("refresh")
    assert told(tally) == [
        ("same", "p04-dev"),
        ("same", "same"),
        ("delete", "gone"),
        ("update", "web"),
        ("update", "img"),
    ]
    assert next(s for s in tally.steps if s.name == "web").diff == {"spec.replicas": "update"}


def test_a_destruction_is_counted() -> None:
    assert tallied("destroy").changes == {"delete": 3}


def test_a_failure_is_told_by_its_resource_and_not_by_update_failed() -> None:
    tally = tallied("bad-image")
    assert tally.succeeded is False
    ((urn, message),) = tally.errors
    assert urn.endswith("Deployment::web")
    assert "timed out waiting to be Ready" in message
    assert not tally.unreachable


def test_a_program_that_breaks_is_told_by_its_traceback() -> None:
    ((urn, message),) = tallied("broken-program").errors
    assert urn == ""
    assert message.startswith("Program failed with an unhandled exception:")


@pytest.mark.parametrize("name", ["unreachable", "unreachable-refresh"])
def test_a_cluster_that_does_not_answer_is_recognised(name: str) -> None:
    assert tallied(name).unreachable


def test_a_cluster_that_stops_answering_half_way_is_a_failure_like_another() -> None:
    tally = tallied("create")
    message = "configured Kubernetes cluster is unreachable: no route"
    tally.add({"diagnosticEvent": {"severity": "error", "message": message}})
    assert tally.errors == (("", message),)
    assert not tally.unreachable


def test_secrets_are_one_word_and_debugging_is_left_out() -> None:
    events = list(EventLog(GOLDEN / "create.jsonl").read())
    text = json.dumps(events)
    assert "[secret]" in text
    assert "ciphertext" not in text
    assert not [e for e in events if e.get("diagnosticEvent", {}).get("severity") == "debug"]


def test_a_log_is_read_as_it_grows_and_never_in_the_middle_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = EventLog(path)
    assert list(log.read()) == []
    path.write_text('{"sequence": 0}\n{"sequ')
    assert list(log.read()) == [{"sequence": 0}]
    with path.open("a") as more:
        more.write('ence": 1}\n')
    assert list(log.read()) == [{"sequence": 1}]
    assert list(log.read()) == []
