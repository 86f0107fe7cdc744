"""Experiments in files: ours, kept ones, and Chaos Toolkit's."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Run
from tests.cli.documents import ID, resource
from tests.cli.script import Script
from tests.cli.trial_documents import preview, queued, refused

OURS = "resource: shop/dev/web\naction: {method: evict, percent: 30}\nhypothesis: {recovery: 10}\n"


@pytest.fixture
def server(script: Script) -> Script:
    script.on("POST", "/trial-previews", preview())
    script.on("POST", "/trials", queued(), status=202)
    return script


def toolkit(**arguments: Any) -> str:
    provider = {
        "type": "python",
        "module": "chaosk8s.pod.actions",
        "func": "terminate_pods",
        "arguments": {"label_selector": "app=web", "qty": 2, "rand": True, **arguments},
    }
    return json.dumps({"title": "Two are gone", "method": [{"type": "action", "name": "kill", "provider": provider}]})


def test_a_file_is_run_as_it_says(run: Run, server: Script, tmp_path: Path) -> None:
    (tmp_path / "kill.yaml").write_text(OURS)
    assert run("chaos", "run", str(tmp_path / "kill.yaml"), "--yes", "--no-wait").code == 0
    assert server.sent("POST", "/trials") == [
        {
            "resource": "web",
            "service": "shop",
            "environment": "dev",
            "action": {"method": "evict", "percent": 30},
            "hypothesis": {"recovery": 10},
        }
    ]


def test_what_goes_down_is_confirmed_for_scripts(run: Run, server: Script, tmp_path: Path) -> None:
    (tmp_path / "kill.json").write_text('{"resource": "web", "allow_outage": true}')
    assert run("chaos", "run", str(tmp_path / "kill.json"), "--yes", "--confirm", "web", "--no-wait").code == 0
    (body,) = server.sent("POST", "/trials")
    assert (body["allow_outage"], body["confirm"]) == (True, "web")


def test_a_word_that_is_no_file_is_an_experiment_that_is_kept(run: Run, server: Script) -> None:
    assert run("chaos", "run", "kill-one", "--yes", "--no-wait").code == 0
    assert server.sent("POST", "/trials") == [{"experiment": "kill-one"}]


def test_a_preview_touches_nothing_and_its_code_says_whether_it_would_be_refused(
    run: Run, script: Script, tmp_path: Path
) -> None:
    script.on("POST", "/trial-previews", preview())
    script.on("POST", "/trial-previews", refused())
    (tmp_path / "kill.yaml").write_text(OURS)
    result = run("chaos", "preview", str(tmp_path / "kill.yaml"))
    assert result.code == 0
    assert "web: delete of 1 of 3 ready pods (3 desired), seed 4711" in result.out
    result = run("chaos", "preview", str(tmp_path / "kill.yaml"), "-o", "json")
    assert (result.code, result.document["takes_all_down"]) == (3, True)
    assert {a.path for a in script.asked} == {"/trial-previews"}


@pytest.mark.parametrize(
    ("text", "told"),
    [("a: [", "line"), ("- one", "no experiment"), ("action: {}", "which resource"), (None, "Cannot read")],
)
def test_a_file_that_cannot_be_used_is_code_2(
    run: Run, script: Script, tmp_path: Path, text: str | None, told: str
) -> None:
    if text is not None:
        (tmp_path / "bad.yaml").write_text(text)
    result = run("chaos", "run", str(tmp_path / "bad.yaml"), "--yes")
    assert result.code == 2
    assert told in result.err
    assert script.asked == []


def test_an_experiment_of_chaos_toolkit_is_translated_without_a_server(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "theirs.json").write_text(toolkit())
    result = run("chaos", "import", str(tmp_path / "theirs.json"))
    found = yaml.safe_load(result.out)
    assert result.code == 0
    assert (found["resource"], found["action"]["count"], found["action"]["method"]) == ("web", 2, "delete")
    (tmp_path / "ours.yaml").write_text(result.out)
    assert run("chaos", "import", str(tmp_path / "ours.yaml")).code == 2


def test_what_chaos_toolkit_asks_and_cannot_be_honoured_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "theirs.json").write_text(toolkit(annotation_selector="a=b"))
    result = run("chaos", "import", str(tmp_path / "theirs.json"))
    assert result.code == 2
    assert "method.0.provider.arguments.annotation_selector" in result.err


def test_an_experiment_of_chaos_toolkit_runs_as_it_is(run: Run, server: Script, tmp_path: Path) -> None:
    (tmp_path / "theirs.json").write_text(toolkit(label_selector="tier=front"))
    path = str(tmp_path / "theirs.json")
    assert run("chaos", "run", path, "--yes", "--no-wait").code == 2
    assert run("chaos", "run", path, "--resource", "web", "--yes", "--no-wait").code == 2
    (tmp_path / "theirs.json").write_text(toolkit())
    assert run("chaos", "run", path, "--resource", "front", "-s", "shop", "--yes", "--no-wait").code == 0
    (body,) = server.sent("POST", "/trials")
    assert (body["resource"], body["service"], body["title"]) == ("front", "shop", "Two are gone")


def test_an_import_can_be_kept_by_name(run: Run, script: Script, tmp_path: Path) -> None:
    script.on("GET", "/resources", [resource(name="web")])
    script.on("POST", "/experiments", {"name": "two-gone"}, status=201)
    (tmp_path / "theirs.json").write_text(toolkit())
    assert run("chaos", "import", str(tmp_path / "theirs.json"), "--keep", "two-gone").code == 0
    (body,) = script.sent("POST", "/experiments")
    assert (body["name"], body["definition"]["resource"]) == ("two-gone", ID)
