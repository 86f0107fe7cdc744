"""Preview, question, run, progress, outcome."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.documents import DEPLOYMENT, ID, POSTGRES, PREVIEW, RUN, preview, resource
from tests.cli.documents import run as run_document
from tests.cli.script import Script

PLACE = ("-s", "shop", "-e", "dev")


@pytest.fixture
def server(script: Script) -> Script:
    """One that knows the service shop, the offerings, and ends every run well."""
    script.on("GET", "/services/shop", {"name": "shop", "team": "payments"})
    script.on("GET", "/offerings/postgres", POSTGRES)
    script.on("GET", "/offerings/deployment", DEPLOYMENT)
    script.on("POST", "/previews", preview(state="computing"), status=202)
    script.on("GET", f"/previews/{PREVIEW}", preview(state="computing"))
    script.on("GET", f"/previews/{PREVIEW}", preview())
    accepted = {"Location": f"/api/v1/runs/{RUN}"}
    script.on("POST", "/resources", resource(state="requested", run=RUN), status=202, **accepted)
    script.on("POST", f"/resources/{ID}/runs", run_document(state="queued"), status=202, **accepted)
    script.stream(f"/runs/{RUN}/events", ("state", {"state": "applying"}), ("done", {"state": "succeeded"}))
    script.on("GET", f"/resources/{ID}", resource())
    return script


def test_create_shows_the_preview_runs_it_and_prints_what_came_out(run: Run, server: Script) -> None:
    ends_well(server)
    result = run("create", "postgres", "db", *PLACE, "--set", "max_connections=80", "--yes")
    assert (result.code, result.out) == (0, "shop/dev/db  ready\n")
    assert "+ StatefulSet db" in result.err
    assert "9.00 a month" in result.err
    (asked,) = server.sent("POST", "/previews")
    assert asked["parameters"] == {"max_connections": 80}
    assert (asked["plan"], asked["operation"]) == ("dev", "create")
    assert server.sent("POST", "/resources") == [{"operation": "create", "preview": PREVIEW}]


def test_as_json_the_resource_alone_is_on_standard_output(run: Run, server: Script) -> None:
    ends_well(server)
    result = run("create", "postgres", "db", *PLACE, "--yes", "-o", "json")
    assert result.document == resource()


def test_nothing_is_done_unasked_where_nobody_can_be_asked(run: Run, server: Script) -> None:
    result = run("create", "postgres", "db", *PLACE)
    assert result.code == 2
    assert "--yes" in result.err
    assert server.sent("POST", "/resources") == []


def test_without_waiting_the_run_is_printed(run: Run, server: Script) -> None:
    ends_well(server)
    assert run("create", "postgres", "db", *PLACE, "--yes", "--no-wait").out == f"{RUN}\n"


def test_a_failed_run_is_code_1_with_its_cause_and_the_next_step(run: Run, server: Script) -> None:
    error = {"code": "image", "message": "ImagePullBackOff: no such image", "hint": "Correct the image.", "causes": []}
    server.on("GET", f"/runs/{RUN}", run_document(state="failed", error=error))
    result = run("create", "postgres", "db", *PLACE, "--yes")
    assert result.code == 1
    assert "create of db failed: ImagePullBackOff: no such image. Correct the image." in result.err


def test_a_run_that_waits_for_another_person_is_left_waiting(run: Run, server: Script) -> None:
    server.answers.pop(("GET", f"/runs/{RUN}/events"))
    server.stream(f"/runs/{RUN}/events", ("state", {"state": "awaiting_approval"}))
    server.on("GET", f"/runs/{RUN}", run_document(state="awaiting_approval"))
    result = run("create", "postgres", "db", *PLACE, "--yes")
    assert result.code == 0
    assert f"fairway approve {RUN[-8:]}" in result.err


def test_what_a_preview_finds_wrong_is_told_at_its_field(run: Run, server: Script) -> None:
    server.answers.pop(("GET", f"/previews/{PREVIEW}"))
    errors = [{"pointer": "/parameters/max_connections", "detail": "at most 500"}]
    server.on("GET", f"/previews/{PREVIEW}", preview(state="failed", errors=errors))
    result = run("create", "postgres", "db", *PLACE, "--yes")
    assert result.code == 1
    assert "parameters.max_connections: at most 500" in result.err


def test_a_value_of_the_wrong_type_does_not_reach_the_server(run: Run, server: Script) -> None:
    result = run("create", "postgres", "db", *PLACE, "--yes", "--set", "max_connections=lots")
    assert result.code == 2
    assert "max_connections is of type integer" in result.err


def test_a_new_service_is_made_with_yes(run: Run, server: Script) -> None:
    ends_well(server)
    server.on("GET", "/services/blog", {"detail": "There is no service blog"}, status=404)
    server.on("POST", "/services", {"name": "blog", "team": "payments"}, status=201)
    assert run("create", "postgres", "db", "-s", "blog", "-e", "dev").code == 4
    assert run("create", "postgres", "db", "-s", "blog", "-e", "dev", "--yes").code == 0
    assert server.sent("POST", "/services") == [{"name": "blog"}]


def test_the_place_must_be_said(run: Run, server: Script) -> None:
    server.on("GET", "/environments", [{"name": "dev"}, {"name": "prod"}])
    result = run("create", "postgres", "db", "-s", "shop")
    assert result.code == 2
    assert "dev, prod" in result.err


def test_update_sends_only_what_is_to_change(run: Run, server: Script) -> None:
    ends_well(server)
    server.on("GET", "/resources", [resource(bindings=["cache"])])
    assert run("update", "db", "--plan", "small", "--bind", "queue", "--unset", "max_connections", "--yes").code == 0
    assert server.sent("POST", "/previews") == [
        {
            "operation": "update",
            "resource": ID,
            "plan": "small",
            "parameters": {"max_connections": None},
            "bindings": ["cache", "queue"],
        }
    ]


def test_an_update_without_a_change_is_code_2(run: Run, server: Script) -> None:
    server.on("GET", "/resources", [resource()])
    assert run("update", "db", "--yes").code == 2


def test_an_update_that_would_change_nothing_does_nothing(run: Run, server: Script) -> None:
    server.answers.pop(("GET", f"/previews/{PREVIEW}"))
    server.on("GET", f"/previews/{PREVIEW}", preview(changes=[{"op": "same"}], fields=[]))
    server.on("GET", "/resources", [resource()])
    result = run("scale", "db", "--replicas", "3", "--yes")
    assert result.code == 0
    assert "Nothing would change" in result.err
    assert server.sent("POST", f"/resources/{ID}/runs") == []


def test_destroy_wants_the_name_and_yes_is_not_enough(run: Run, server: Script) -> None:
    ends_well(server)
    server.on("GET", "/resources", [resource()])
    assert run("destroy", "db").code == 2
    assert run("destroy", "db", "--yes").code == 2
    assert run("destroy", "db", "--confirm", "db").code == 0
    assert server.sent("POST", f"/resources/{ID}/runs") == [
        {"operation": "destroy", "preview": PREVIEW, "confirm": "db"}
    ]


def test_rollback_names_the_revision(run: Run, server: Script) -> None:
    ends_well(server)
    server.on("GET", "/resources", [resource()])
    assert run("rollback", "db", "--to", "2", "--yes").code == 0
    (body,) = server.sent("POST", f"/resources/{ID}/runs")
    assert body == {"operation": "rollback", "preview": PREVIEW, "revision": 2}


def test_deploy_creates_what_is_not_there(run: Run, server: Script, tmp_path: Path) -> None:
    ends_well(server)
    server.on("GET", "/resources", [])
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text("print('hello')\n")
    result = run(
        "deploy", "web", *PLACE, "--image", "python:3.12", "--replicas", "3", "--var", "LOG=debug", "--bind", "db",
        "--command", "python /app/main.py", "--files", str(tmp_path / "app"), "--yes",
    )  # fmt: skip
    assert result.code == 0
    (asked,) = server.sent("POST", "/previews")
    assert (asked["operation"], asked["plan"], asked["bindings"]) == ("create", "nano", ["db"])
    assert asked["parameters"] == {
        "image": "python:3.12",
        "replicas": 3,
        "variables": {"LOG": "debug"},
        "command": ["python", "/app/main.py"],
        "files": {"main.py": "print('hello')\n"},
    }


def test_deploy_changes_what_is_there_and_keeps_its_other_variables(run: Run, server: Script) -> None:
    ends_well(server)
    there = resource(name="web", offering="deployment", parameters={"image": "a:1", "variables": {"A": "1", "B": "2"}})
    server.on("GET", "/resources", [there])
    assert run("deploy", "web", *PLACE, "--image", "a:2", "--var", "B=3", "--yes").code == 0
    (asked,) = server.sent("POST", "/previews")
    assert asked == {
        "operation": "update",
        "resource": ID,
        "parameters": {"image": "a:2", "variables": {"A": "1", "B": "3"}},
    }


def test_deploy_does_not_touch_a_database_of_that_name(run: Run, server: Script) -> None:
    server.on("GET", "/resources", [resource()])
    assert run("deploy", "db", *PLACE, "--image", "a:1", "--yes").code == 2


def test_protection_is_set_and_lifted(run: Run, server: Script) -> None:
    server.on("GET", "/resources", [resource()])
    server.on("PATCH", f"/resources/{ID}", resource(protected=True))
    assert run("protect", "db").code == 0
    assert run("protect", "db", "--off").code == 0
    assert server.sent("PATCH", f"/resources/{ID}") == [{"protected": True}, {"protected": False}]


def ends_well(server: Script) -> None:
    server.on("GET", f"/runs/{RUN}", run_document())
