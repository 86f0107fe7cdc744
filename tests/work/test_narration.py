"""What people are told of the events that the real CLI wrote."""

from pathlib import Path

from fairway.work import narration
from fairway_stacks.automation.events import EventLog
from fairway_stacks.automation.tally import Tally

GOLDEN = Path(__file__).parents[1] / "programs" / "golden"
THINGS = ["ConfigMap web-cm", "Deployment web", "Secret web-sec", "Service web-svc"]


def thing(document: dict[str, str]) -> str:
    return f"{document['type'].rpartition(':')[2]} {document['name']}"


def test_a_preview_and_a_run_tell_the_things_in_the_cluster_and_not_their_group() -> None:
    """A component of the same name would stand beside its Deployment."""
    tally, steps = Tally(), []
    for event in EventLog(GOLDEN / "create.jsonl").read():
        tally.add(event)
        told = narration.told(event)
        if told and told[0] == "step" and told[1]["status"] == "done":
            steps.append(told[1])
    assert sorted(thing(change) for change in narration.changes(tally.steps)) == THINGS
    assert sorted(thing(step) for step in steps) == THINGS


def test_what_keeps_a_step_is_told_while_it_is_kept() -> None:
    waits = [
        told[1]
        for event in EventLog(GOLDEN / "bad-image.jsonl").read()
        if (told := narration.told(event)) and told[0] == "wait"
    ]
    assert [w["message"] for w in waits] == ["Deployment web is not ready yet"]
    assert "ErrImagePull" in waits[0]["cause"] and waits[0]["code"] == "not-ready"
