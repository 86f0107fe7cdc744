"""Which server, as whom, and what is said when there is none."""

import json
from pathlib import Path

import pytest

from fairway.cli import config
from tests.cast import Cast
from tests.cli.conftest import Run, token_of
from tests.cli.script import Asked, Said, Script

ME = {"id": "1", "name": "alice", "admin": False, "teams": {"payments": "owner"}, "scopes": ["read"]}


def run_a_platform(data: Path, url: str, token: str) -> None:
    (data / "keys").mkdir(parents=True)
    (data / "server.json").write_text(json.dumps({"url": url, "pid": 1}))
    (data / "keys" / "cli.token").write_text(token)


@pytest.fixture
def here(script: Script, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data directory of a platform of this machine, at the script's address; no server and no token are said."""
    monkeypatch.delenv("FAIRWAY_URL")
    monkeypatch.delenv("FAIRWAY_TOKEN")
    run_a_platform(home / "data", script.url, "fw_before")
    return home / "data"


def test_on_the_platforms_own_machine_one_is_signed_in_already(
    run: Run, platform: str, cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAIRWAY_URL")
    monkeypatch.delenv("FAIRWAY_TOKEN")
    run_a_platform(home / "data", platform, token_of(cast, "ada"))
    result = run("whoami", "-o", "json")
    assert (result.code, result.document["name"]) == (0, "ada")


def test_the_data_directory_may_be_said_with_any_command(
    run: Run, platform: str, cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAIRWAY_URL")
    monkeypatch.delenv("FAIRWAY_TOKEN")
    run_a_platform(home / "other", platform, token_of(cast, "bob"))
    assert run("whoami", "--data-dir", str(home / "other"), "-o", "json").document["name"] == "bob"


def test_a_platform_that_started_anew_gave_this_machine_another_token_which_is_used(
    run: Run, script: Script, here: Path
) -> None:
    def restarted(asked: Asked) -> Said:
        (here / "keys" / "cli.token").write_text("fw_after")
        return Said({"detail": "The token 'this machine' was revoked"}, 401)

    script.on("GET", "/whoami", restarted)
    script.on("GET", "/whoami", ME)
    assert run("whoami").code == 0
    assert [a.headers["authorization"] for a in script.asked] == ["Bearer fw_before", "Bearer fw_after"]


def test_a_token_that_was_revoked_for_good_is_told_and_asked_with_once(run: Run, script: Script, here: Path) -> None:
    script.on("GET", "/whoami", {"detail": "The token 'this machine' was revoked"}, status=401)
    result = run("whoami")
    assert (result.code, len(script.asked)) == (3, 1)
    assert "was revoked" in result.err


def test_no_token_of_another_server_is_sent_instead_of_a_refused_one(run: Run, script: Script, here: Path) -> None:
    def moved(asked: Asked) -> Said:
        (here / "server.json").write_text(json.dumps({"url": "http://127.0.0.1:1", "pid": 1}))
        (here / "keys" / "cli.token").write_text("fw_of_another")
        return Said({"detail": "not known here"}, 401)

    script.on("GET", "/whoami", moved)
    assert run("whoami").code == 3
    assert len(script.asked) == 1


def test_without_a_platform_the_next_step_is_told_in_one_line(run: Run) -> None:
    result = run("whoami")
    assert (result.code, result.out) == (6, "")
    assert result.err.count("\n") == 1
    assert "`fairway up`" in result.err


def test_a_server_that_does_not_answer_is_code_6(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("whoami", "--url", "http://127.0.0.1:9", "--token", "fw_x")
    assert result.code == 6
    assert "http://127.0.0.1:9 does not answer (connection refused)" in result.err


def test_an_address_that_is_none_is_code_2(run: Run) -> None:
    result = run("whoami", "--url", "ftp://x", "--token", "fw_x")
    assert result.code == 2
    assert "http://127.0.0.1:8600" in result.err


def test_something_that_is_no_fairway_is_told(run: Run, script: Script) -> None:
    script.on("GET", "/whoami", "<html>hello</html>")
    result = run("whoami")
    assert result.code == 6
    assert "no JSON" in result.err


def test_a_token_goes_to_the_server_that_it_came_with_and_to_no_other(
    run: Run, script: Script, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAIRWAY_URL")
    monkeypatch.delenv("FAIRWAY_TOKEN")
    config.keep("login", {"url": "http://127.0.0.1:1", "token": "fw_mine"})
    result = run("whoami", "--url", script.url)
    assert result.code == 3
    assert script.asked == []
    assert "FAIRWAY_TOKEN" in result.err


def test_login_keeps_a_token_that_works_where_nobody_else_can_read_it(
    run: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.on("GET", "/whoami", ME)
    url = script.url
    assert run("login", url).code == 0
    monkeypatch.delenv("FAIRWAY_URL")
    monkeypatch.delenv("FAIRWAY_TOKEN")
    assert config.path().stat().st_mode & 0o777 == 0o600
    assert run("whoami").code == 0
    assert script.asked[-1].headers["authorization"] == "Bearer fw_script"
    assert run("logout").code == 0
    assert run("whoami").code == 6


def test_login_keeps_no_token_that_does_not_work(run: Run, script: Script) -> None:
    script.on("GET", "/whoami", {"detail": "This token is not known here"}, status=401)
    assert run("login", script.url).code == 3
    assert not config.path().exists()


def test_login_prints_a_link(run: Run, script: Script) -> None:
    script.on("POST", "/sign-in-links", {"url": "http://127.0.0.1:8600/sign-in/abc"}, status=201)
    result = run("login")
    assert result.out == "http://127.0.0.1:8600/sign-in/abc\n"


def test_a_config_file_that_is_broken_is_named(run: Run) -> None:
    config.path().parent.mkdir(parents=True)
    config.path().write_text("{")
    result = run("whoami")
    assert result.code == 1
    assert str(config.path()) in result.err
