"""Seeing resources and runs, and connecting."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.documents import ID, POSTGRES, RUN, resource
from tests.cli.documents import run as run_document
from tests.cli.script import Script

OTHER = "0197a1b2-0000-7000-8000-00000000db02"


def test_the_list_is_a_table_for_people(run: Run, script: Script) -> None:
    script.on("GET", "/resources", [resource()])
    lines = run("list").out.splitlines()
    assert lines[0].split()[:4] == ["SERVICE", "ENV", "NAME", "OFFERING"]
    assert lines[1].split()[:7] == ["shop", "dev", "db", "postgres", "dev", "ready", "healthy"]


def test_the_list_takes_every_page(run: Run, script: Script) -> None:
    script.on("GET", "/resources", [resource()], Link='</api/v1/resources?cursor=x>; rel="next"')
    script.on("GET", "/resources", [resource(id=OTHER, name="other")])
    assert [r["name"] for r in run("list", "-o", "json").document] == ["db", "other"]
    assert script.asked[-1].query == {"cursor": "x"}


def test_the_place_in_use_narrows_the_list_unless_all_is_asked_for(run: Run, script: Script) -> None:
    script.on("GET", "/resources", [])
    run("list", "-s", "shop", "-e", "dev")
    run("list", "-s", "shop", "--all")
    assert [a.query.get("service") for a in script.asked] == ["shop", None]


def test_the_reasons_of_its_health_are_told(run: Run, script: Script) -> None:
    reasons = [{"code": "image", "message": "web-1 cannot pull its image"}]
    script.on("GET", "/resources", [resource(health={"status": "failing", "reasons": reasons})])
    out = run("get", "db").out
    assert "failing" in out
    assert "web-1 cannot pull its image" in out


def test_text_from_others_cannot_command_the_terminal(run: Run, script: Script) -> None:
    reasons = [{"code": "x", "message": "bad\x1b[2J\x07 \u202e thing"}]
    script.on("GET", "/resources", [resource(health={"status": "failing", "reasons": reasons})])
    out = run("get", "db").out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)


def test_namesakes_are_told_apart(run: Run, script: Script) -> None:
    script.on("GET", "/resources", [resource(), resource(id=OTHER, environment="prod")])
    result = run("get", "db")
    assert result.code == 2
    assert "shop/dev/db, shop/prod/db" in result.err


def test_a_whole_path_names_one(run: Run, script: Script) -> None:
    script.on("GET", "/resources", [resource()])
    assert run("get", "shop/dev/db", "-o", "json").document["id"] == ID
    assert script.asked[-1].query["environment"] == "dev"


def test_what_is_not_there_is_code_4(run: Run, script: Script) -> None:
    script.on("GET", "/resources", [])
    assert run("get", "nothing").code == 4


def test_the_catalog_shows_plans_and_parameters(run: Run, script: Script) -> None:
    script.on("GET", "/offerings", [POSTGRES])
    script.on("GET", "/offerings/postgres", POSTGRES)
    assert "dev €9.00" in run("catalog").out
    out = run("catalog", "postgres").out
    assert "integer 10..500" in out
    assert "Fixed once created." in out


def test_connect_masks_and_reveals(run: Run, script: Script) -> None:
    script.on("GET", "/resources", [resource()])
    script.on("GET", f"/resources/{ID}/connection", {"host": "127.1.0.1", "password": "********"})
    script.on("POST", f"/resources/{ID}/reveals", {"host": "127.1.0.1", "password": "hunter2"})
    assert "hunter2" not in run("connect", "db").out
    assert run("connect", "db", "--reveal", "-o", "json").document["password"] == "hunter2"


@pytest.mark.parametrize("more", [[], ["--", "-c", "select 1"]])
def test_exec_gives_the_secret_by_the_environment_and_never_as_an_argument(
    script: Script, tmp_path: Path, more: list[str]
) -> None:
    script.on("GET", "/resources", [resource()])
    connection = {"command": "psql 'host=127.1.0.1 user=app'", "password": "hunter2", "secret_variable": "PGPASSWORD"}
    script.on("POST", f"/resources/{ID}/reveals", connection)
    psql = tmp_path / "bin" / "psql"
    psql.parent.mkdir()
    psql.write_text('#!/bin/sh\necho "$PGPASSWORD|$*"\n')
    psql.chmod(0o755)
    path = os.pathsep.join(p for p in sys.path if p)
    environment = {**os.environ, "PATH": f"{psql.parent}:{os.environ['PATH']}", "PYTHONPATH": path}
    command = [sys.executable, "-m", "fairway.cli", "connect", "db", "--exec", *more]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"hunter2|host=127.1.0.1 user=app{' -c select 1' if more else ''}\n"


def test_exec_refuses_a_command_that_would_show_the_secret(run: Run, script: Script) -> None:
    script.on("GET", "/resources", [resource()])
    connection = {"command": "psql postgresql://app:hunter2@127.1.0.1", "password": "hunter2"}
    script.on("POST", f"/resources/{ID}/reveals", connection)
    result = run("connect", "db", "--exec")
    assert result.code == 1
    assert "hunter2" not in result.err


def test_a_noun_with_an_id_shows_it_and_alone_lists(run: Run, script: Script) -> None:
    waiting = {"code": "cluster", "message": "The cluster does not answer"}
    script.on("GET", "/runs", [run_document(state="queued", waiting=waiting)])
    script.on("GET", f"/runs/{RUN}", run_document(state="queued", waiting=waiting))
    assert "create" in run("runs").out
    assert "The cluster does not answer" in run("runs", RUN[-8:]).out
    assert run("runs", "99999999").code == 4


def test_a_run_is_cancelled_retried_approved_and_rejected(run: Run, script: Script) -> None:
    script.on("POST", f"/runs/{RUN}/cancellation", run_document(state="cancelled"))
    script.on("POST", f"/runs/{RUN}/retry", run_document(), status=202)
    script.on("POST", f"/runs/{RUN}/approval", run_document())
    script.on("GET", f"/runs/{RUN}", run_document())
    script.on("GET", f"/resources/{ID}", resource())
    script.stream(f"/runs/{RUN}/events", ("done", {"state": "succeeded"}))
    assert run("runs", "cancel", RUN).code == 0
    assert run("runs", "retry", RUN).code == 0
    assert run("approve", RUN, "-m", "fine").code == 0
    assert run("reject", RUN).code == 0
    assert script.sent("POST", f"/runs/{RUN}/approval") == [
        {"decision": "approve", "comment": "fine"},
        {"decision": "reject", "comment": ""},
    ]


def test_watching_goes_on_where_the_stream_broke_off(run: Run, script: Script) -> None:
    script.stream(f"/runs/{RUN}/events", ("state", {"state": "applying"}))
    script.stream(f"/runs/{RUN}/events", ("done", {"state": "succeeded"}))
    script.on("GET", f"/runs/{RUN}", run_document(state="applying"))
    script.on("GET", f"/runs/{RUN}", run_document())
    assert run("runs", "watch", RUN, "-o", "json").document["state"] == "succeeded"
    since = [a.headers.get("last-event-id") for a in script.asked if a.path.endswith("/events")]
    assert since == [None, "1"]
