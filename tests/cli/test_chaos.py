"""Trials on the command line."""

import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from fairway.cli import output
from tests.cli.conftest import Run
from tests.cli.documents import ID, resource
from tests.cli.script import Said, Script
from tests.cli.trial_documents import TRIAL, failed, preview, queued, refused, trial, victim

PLACE = ("-s", "shop", "-e", "dev")
SHORT = TRIAL[-8:]


@pytest.fixture
def server(script: Script) -> Script:
    """One that starts every trial and ends it."""
    script.on("POST", "/trial-previews", preview())
    script.on("POST", "/trials", queued(), status=202)
    script.stream(f"/trials/{TRIAL}/events", ("state", {"state": "preflight", "t": 0.0}), ("done", {"state": "ended"}))
    return script


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Somebody at a terminal, who types what is given: `person("yes")`."""

    def types(*words: str) -> None:
        answers = iter(words)
        monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: next(answers))
        monkeypatch.setattr("sys.stdin.isatty", lambda: True)

    return types


def test_a_kill_with_yes_and_without_waiting_is_one_request(run: Run, server: Script) -> None:
    said = ("--count", "2", "--seed", "7", "--method", "evict", "--yes", "--no-wait")
    result = run("chaos", "kill", "web", *PLACE, *said)
    assert (result.code, result.out) == (0, f"{TRIAL}\n")
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/trials")
    assert asked.body == {
        "resource": "web",
        "service": "shop",
        "environment": "dev",
        "action": {"method": "evict", "count": 2, "seed": 7},
        "baseline": 0,
        "after": 0,
        "duration": 120,
    }


def test_a_kill_that_is_waited_for_says_what_came_out(run: Run, server: Script) -> None:
    server.on("GET", f"/trials/{TRIAL}", trial())
    result = run("chaos", "kill", "web", "--percent", "30", "--recovery", "10", "--availability", "0.9", "--yes")
    assert result.code == 0
    assert re.search(r"^verdict +PASS$", result.out, re.MULTILINE)
    assert "web-1 killed by delete; web-4 ready after 1.25 s (0.25 s until scheduled, 1.00 s to start)" in result.out
    assert "9 of 10 probes good until it was whole, 90.00 % (95 % interval 59.6 to 98.2)" in result.out
    (body,) = server.sent("POST", "/trials")
    assert body["action"] == {"method": "delete", "percent": 30}
    assert body["hypothesis"] == {"recovery": 10, "availability": 0.9}


def test_what_it_cost_of_an_error_budget_is_said_where_there_is_one(run: Run, server: Script) -> None:
    cost = {"objective": 99.9, "window_days": 28, "seconds": 2419.2, "spent": 12.6, "ratio": 0.0052}
    server.on("GET", f"/trials/{TRIAL}", trial(cost=cost))
    said = run("chaos", "show", TRIAL).out
    assert "12.6 s, 0.52 % of the 40 min 19 s of the objective of 99.9 % in 28 d" in said
    server.on("GET", f"/trials/{TRIAL}", trial(cost=None))


@pytest.mark.parametrize(("verdict", "code"), [("FAIL", 7), ("INCONCLUSIVE", 7), ("ABORTED", 7), ("REFUSED", 3)])
def test_any_verdict_but_pass_has_its_exit_code(run: Run, server: Script, verdict: str, code: int) -> None:
    server.on("GET", f"/trials/{TRIAL}", failed() | {"verdict": verdict, "reason": "because"})
    result = run("chaos", "kill", "web", "--yes", "-o", "json")
    assert (result.code, result.document["verdict"]) == (code, verdict)
    assert f"The trial of web ended {verdict}: because" in result.err
    assert f"fairway chaos report {SHORT}" in result.err


def test_what_would_go_down_names_the_way_to_do_it_on_purpose(run: Run, server: Script) -> None:
    reason = "ceiling: 1 of 1 pods: no ready pod of db would be left: its whole service goes down"
    server.on("GET", f"/trials/{TRIAL}", failed() | {"verdict": "REFUSED", "reason": reason})
    result = run("chaos", "kill", "web", "--yes")
    assert (result.code, "--allow-outage" in result.err) == (3, True)


def test_a_failed_trial_names_the_check_that_was_not_met(run: Run, server: Script) -> None:
    server.on("GET", f"/trials/{TRIAL}", failed())
    result = run("chaos", "watch", TRIAL)
    assert result.code == 7
    assert "not met: recovery" in result.err


def test_what_a_person_agreed_to_is_what_is_killed(run: Run, server: Script, person: Any) -> None:
    person("y")
    assert run("chaos", "kill", "web", "--no-wait").code == 0
    (body,) = server.sent("POST", "/trials")
    assert body["action"]["seed"] == 4711


def test_a_person_who_says_no_starts_nothing(run: Run, server: Script, person: Any) -> None:
    person("n")
    result = run("chaos", "kill", "web")
    assert result.code == 130
    assert "web-1  is to be killed (delete)" in result.err
    assert "web-2  is younger than 5 s" in result.err
    assert server.sent("POST", "/trials") == []


def test_nobody_is_killed_unasked_where_nobody_can_be_asked(run: Run, server: Script) -> None:
    result = run("chaos", "kill", "web")
    assert result.code == 2
    assert "--yes" in result.err
    assert server.sent("POST", "/trials") == []


def test_a_refused_preview_is_code_3_and_says_how_it_may_be_allowed(run: Run, script: Script) -> None:
    script.on("POST", "/trial-previews", refused())
    result = run("chaos", "kill", "web")
    assert result.code == 3
    assert "no ready pod of web would be left" in result.err
    assert "--allow-outage" in result.err


def test_an_outage_is_confirmed_by_typing_what_goes_down(run: Run, script: Script, person: Any) -> None:
    script.on("POST", "/trial-previews", preview(confirm="web", takes_all_down=True))
    script.on("POST", "/trials", queued(), status=202)
    person("web")
    assert run("chaos", "kill", "web", "--allow-outage", "--no-wait").code == 0
    assert run("chaos", "kill", "web", "--allow-outage", "--no-wait", "--yes").code == 0
    bodies = script.sent("POST", "/trials")
    assert [(b["allow_outage"], b["confirm"]) for b in bodies] == [(True, "web"), (True, "web")]


def test_how_many_is_said_once(run: Run, script: Script) -> None:
    assert run("chaos", "kill", "web", "--count", "1", "--percent", "10", "--yes").code == 2
    assert run("chaos", "kill", "web", "--method", "pdb-probe", "--count", "1", "--yes").code == 2
    assert script.asked == []


def test_what_the_server_refuses_keeps_its_code(run: Run, script: Script) -> None:
    script.on("POST", "/trials", {"detail": "The environment prod does not allow trials"}, status=403)
    result = run("chaos", "kill", "web", "--yes")
    assert (result.code, result.err) == (3, "fairway: The environment prod does not allow trials\n")


def test_on_a_terminal_the_timeline_is_told_live(run: Run, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "lively", lambda: True)
    unknown = {"reschedule": None, "startup": None, "ttr": None}
    script.stream(
        f"/trials/{TRIAL}/events",
        ("state", {"state": "injecting", "t": 0.3}),
        ("victim", victim(recovery=unknown, recovered=False)),
        ("ready", {"t": 0.5, "ready": 2, "desired": 3}),
        ("probes", {"samples": [[0.4, 3.0, "ok"], [0.6, 1000.0, "timeout"]]}),
        ("done", {"state": "ended"}),
    )
    script.on("GET", f"/trials/{TRIAL}", trial())
    said = run("chaos", "watch", TRIAL).err
    assert "    0.3 s  injecting" in said
    assert "    0.4 s  web-1 killed by delete\n" in said
    assert "    0.5 s  2 of 3 ready" in said
    assert "injecting, 2 of 3 ready, 1 of 2 probes good" in said


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What was started in the background ignores SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_says_that_it_goes_on_and_how_to_end_it(run: Run, server: Script) -> None:
    server.answers.pop(("GET", f"/trials/{TRIAL}/events"))

    def stop(_: Any) -> Said:
        import _thread

        _thread.interrupt_main()
        return Said("")

    server.on("GET", f"/trials/{TRIAL}/events", stop)
    server.on("GET", f"/trials/{TRIAL}", queued())
    result = run("chaos", "kill", "web", "--yes")
    assert result.code == 130
    assert "the trial goes on" in result.err
    assert f"fairway chaos abort {SHORT}" in result.err


def test_trials_and_experiments_are_listed(run: Run, script: Script) -> None:
    script.on("GET", "/resources", [resource()])
    script.on("GET", "/trials", [failed(), queued()])
    script.on("GET", "/experiments", [{"name": "kill-one", "resource": ID, "definition": {}, "updated_at": None}])
    lines = run("chaos", "list", "--resource", "db").out.splitlines()
    assert lines[1].split()[:5] == [SHORT, "shop/dev/web", "delete", "1", "FAIL"]
    assert lines[2].split()[4] == "queued"
    assert script.asked[-1].query["resource"] == ID
    assert "kill-one" in run("chaos", "list", "--experiments").out


def test_a_trial_is_shown_while_it_goes_on(run: Run, script: Script) -> None:
    script.on("GET", f"/trials/{SHORT}", queued())
    assert re.search(r"^verdict +queued$", run("chaos", "show", SHORT).out, re.MULTILINE)
    assert run("chaos", "report", SHORT).code == 2


def test_an_abort_is_waited_for_and_is_no_failure(run: Run, script: Script) -> None:
    script.on("POST", f"/trials/{SHORT}/abort", queued(), status=202)
    script.stream(f"/trials/{TRIAL}/events", ("done", {"state": "ended"}))
    script.on("GET", f"/trials/{TRIAL}", trial(verdict="ABORTED"))
    result = run("chaos", "abort", SHORT, "-m", "wrong service")
    assert (result.code, result.err) == (0, "The trial of web ended ABORTED.\n")
    assert script.sent("POST", f"/trials/{SHORT}/abort") == [{"reason": "wrong service"}]


def test_the_kill_switch_is_set_and_released(run: Run, script: Script) -> None:
    script.on("PUT", "/kill-switch", {"halted": True, "reason": "outage"})
    script.on("PUT", "/kill-switch", {"halted": False, "reason": ""})
    assert "outage" in run("chaos", "halt", "-m", "outage").err
    assert run("chaos", "resume", "-o", "json").document["halted"] is False
    assert [b["halted"] for b in script.sent("PUT", "/kill-switch")] == [True, False]


def test_a_report_is_text_journal_junit_or_chaos_toolkits(run: Run, script: Script) -> None:
    journal = trial() | {"experiment": {"resource": ID}, "phases": {"injecting": 0.4}, "preflight": None}
    script.on("GET", f"/trials/{TRIAL}", trial())
    script.on("GET", f"/trials/{TRIAL}/journal", journal)
    script.on("GET", f"/trials/{TRIAL}/junit", "<?xml version='1.0'?>\n<testsuites />")
    assert "injecting at 0.4 s" in run("chaos", "report", TRIAL).out
    assert run("chaos", "report", TRIAL, "-o", "json").document == journal
    assert run("chaos", "report", TRIAL, "--format", "junit").out == "<?xml version='1.0'?>\n<testsuites />\n"
    assert run("chaos", "report", TRIAL, "--format", "chaostoolkit").document["status"] == "completed"
