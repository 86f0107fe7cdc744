"""`fairway rotate`: what it says before, and whom it waits for afterwards."""

from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.documents import ID, PREVIEW, RUN, preview, resource
from tests.cli.documents import run as run_document
from tests.cli.script import Script

FOLLOWING = "0197a1b2-0000-7000-8000-00000000f001"
BUSY = "0197a1b2-0000-7000-8000-00000000b001"
WEB = {
    "id": "web-id",
    "name": "web",
    "service": "shop",
    "run": FOLLOWING,
    "state": "queued",
    "detail": "",
    "waits_for": None,
}
WAITING = {**WEB, "run": None, "state": "waiting", "detail": "It is busy", "waits_for": BUSY}


def rotation(*followers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return run_document(operation="rotate", followers=list(followers), follows=None, **changes)


@pytest.fixture
def server(script: Script) -> Script:
    """One that rotates the password of db."""
    fields = [{"field": "password", "before": "********", "after": "a new one"}]
    shown = preview(operation="rotate", fields=fields, followers=["shop/web"])
    script.on("GET", "/resources", [resource()])
    script.on("GET", f"/resources/{ID}", resource())
    script.on("POST", "/previews", shown, status=202)
    accepted = {"Location": f"/api/v1/runs/{RUN}"}
    script.on("POST", f"/resources/{ID}/rotation", rotation(state="queued"), status=202, **accepted)
    script.stream(f"/runs/{RUN}/events", ("done", {"state": "succeeded"}))
    script.stream(f"/runs/{FOLLOWING}/events", ("done", {"state": "succeeded"}))
    return script


def follower_ends(server: Script, **changes: Any) -> None:
    place = {"id": "web-id", "name": "web", "service": "shop", "environment": "dev", "offering": "deployment"}
    server.on("GET", f"/runs/{FOLLOWING}", run_document(id=FOLLOWING, operation="update", resource=place, **changes))


def test_it_says_beforehand_that_the_server_restarts_and_who_follows_and_waits_for_all(
    run: Run, server: Script
) -> None:
    server.on("GET", f"/runs/{RUN}", rotation(WEB))
    follower_ends(server)
    result = run("rotate", "db", "--yes")
    assert (result.code, result.out) == (0, "shop/dev/db  ready\n")
    assert "password: ******** -> a new one" in result.err
    assert "The server restarts" in result.err and "Then shop/web follows with an update of its own" in result.err
    assert "rotation of db succeeded" in result.err and "update of web succeeded" in result.err
    assert server.sent("POST", "/previews") == [{"operation": "rotate", "resource": ID}]
    assert server.sent("POST", f"/resources/{ID}/rotation") == [{"preview": PREVIEW}]


def test_nobody_to_ask_and_no_yes_is_code_2(run: Run, server: Script) -> None:
    assert run("rotate", "db").code == 2
    assert server.sent("POST", f"/resources/{ID}/rotation") == []


def test_a_follower_that_fails_is_told_and_is_code_1(run: Run, server: Script) -> None:
    server.on("GET", f"/runs/{RUN}", rotation(WEB))
    follower_ends(server, state="failed", error={"message": "ErrImagePull", "hint": "", "causes": []})
    result = run("rotate", "db", "--yes")
    assert (result.code, result.out) == (1, "")
    assert "update of web failed: ErrImagePull" in result.err
    assert "db has a new password, which shop/web did not take" in result.err


def test_a_rotation_that_fails_is_code_1_and_says_which_password_is_valid(run: Run, server: Script) -> None:
    error = {"message": "no room", "hint": "The server still takes the old password.", "causes": []}
    server.on("GET", f"/runs/{RUN}", rotation(state="failed", error=error))
    result = run("rotate", "db", "--yes")
    assert result.code == 1
    assert "rotation of db failed: no room. The server still takes the old password." in result.err


def test_a_busy_deployment_is_waited_for(run: Run, server: Script) -> None:
    server.on("GET", f"/runs/{RUN}", rotation(WAITING))
    server.on("GET", f"/runs/{RUN}", rotation(WAITING))
    server.on("GET", f"/runs/{RUN}", rotation(WEB))
    server.on("GET", f"/runs/{BUSY}", run_document(state="applying"))
    follower_ends(server)
    result = run("rotate", "db", "--yes")
    assert result.code == 0
    assert "shop/web is busy with another run" in result.err and "update of web succeeded" in result.err


def test_one_whose_present_run_waits_for_a_person_is_not(run: Run, server: Script) -> None:
    server.on("GET", f"/runs/{RUN}", rotation(WAITING))
    server.on("GET", f"/runs/{BUSY}", run_document(state="awaiting_approval"))
    result = run("rotate", "db", "--yes")
    assert result.code == 0 and f"fairway approve {BUSY[-8:]}" in result.err


def test_a_follower_that_waits_for_approval_is_told(run: Run, server: Script) -> None:
    server.on("GET", f"/runs/{RUN}", rotation(WEB))
    follower_ends(server, state="awaiting_approval")
    result = run("rotate", "db", "--yes")
    assert result.code == 0 and f"fairway approve {FOLLOWING[-8:]}" in result.err


def test_without_waiting_the_runs_id_is_all(run: Run, server: Script) -> None:
    server.on("GET", f"/runs/{RUN}", rotation(state="queued"))
    result = run("rotate", "db", "--yes", "--no-wait")
    assert (result.code, result.out) == (0, f"{RUN}\n")


def test_a_run_tells_its_followers_and_whom_it_follows(run: Run, server: Script) -> None:
    server.on("GET", f"/runs/{RUN}", rotation({**WEB, "state": "failed", "detail": "ErrImagePull"}))
    assert "shop/web failed 0000f001: ErrImagePull" in run("runs", "show", RUN).out
    server.on("GET", f"/runs/{FOLLOWING}", run_document(followers=[], follows=RUN))
    assert f"follows    {RUN[-8:]}" in run("runs", "show", FOLLOWING).out
