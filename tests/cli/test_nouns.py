"""Teams, services, environments, tokens and the audit trail, against the real application."""

import json

import pytest
import yaml

from tests.cast import Cast
from tests.cli.conftest import Run, token_of

pytestmark = pytest.mark.usefixtures("platform")


def test_a_service_is_made_listed_described_and_deleted(run: Run) -> None:
    assert run("service", "create", "blog", "--summary", "Words").code == 0
    listed = run("service", "list", "-o", "json").document
    assert [row["name"] for row in listed] == ["blog", "shop"]
    assert run("service", "describe", "blog", "More words").code == 0
    assert run("service", "blog", "-o", "json").document["summary"] == "More words"
    assert run("service", "delete", "blog").code == 0
    assert run("service", "show", "blog").code == 4


def test_a_noun_alone_lists(run: Run) -> None:
    result = run("service")
    assert result.out.splitlines()[0].split() == ["NAME", "TEAM", "SUMMARY", "AGE"]
    assert result.out.splitlines()[1].split()[:2] == ["shop", "payments"]


def test_yaml_and_json_are_the_same_document(run: Run) -> None:
    assert yaml.safe_load(run("service", "-o", "yaml").out) == json.loads(run("service", "-o", "json").out)


def test_a_wrong_field_is_code_2_in_one_line(run: Run) -> None:
    result = run("service", "create", "My Shop!")
    assert result.code == 2
    assert result.err.count("\n") == 1
    assert "name: 'My Shop!' is no name for a service" in result.err


def test_what_a_role_does_not_allow_is_code_3_with_the_way_out(
    run: Run, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRWAY_TOKEN", token_of(cast, "vera"))
    result = run("service", "create", "blog")
    assert result.code == 3
    assert "Ask an owner" in result.err


def test_a_name_taken_is_code_5(run: Run) -> None:
    assert run("service", "create", "shop").code == 5


def test_an_unknown_option_is_code_2_and_names_the_help(run: Run) -> None:
    result = run("service", "list", "--nope")
    assert result.code == 2
    assert "`fairway service list --help`" in result.err


def test_a_team_its_roles_and_an_invitation(run: Run) -> None:
    assert run("team", "create", "search", "--budget", "500").code == 0
    assert run("team", "role", "search", "bob", "member").code == 0
    members = run("team", "search", "-o", "json").document["members"]
    assert {m["name"]: m["role"] for m in members} == {"alice": "owner", "bob": "member"}
    assert "/invitations/" in run("team", "invite", "search", "--role", "viewer").out
    assert run("team", "change", "search", "--no-budget", "-o", "json").document["budget_monthly"] is None
    assert run("team", "remove", "search", "bob").code == 0


def test_the_policy_of_an_environment_is_changed_in_parts(
    run: Run, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("env", "policy", "dev", "--approval").code == 3
    monkeypatch.setenv("FAIRWAY_TOKEN", token_of(cast, "ada"))
    changed = run("env", "policy", "dev", "--approval", "--monthly", "120.50", "-o", "json").document
    assert (changed["approval"], changed["chaos"], changed["quota_monthly"]) == (True, True, 12050)
    assert run("env", "policy", "dev", "--monthly", "none", "-o", "json").document["quota_monthly"] is None
    assert run("env", "policy", "dev", "--resources", "many").code == 2


def test_a_token_is_shown_once_and_revoked_by_its_name(run: Run) -> None:
    made = run("token", "create", "ci", "--scope", "read")
    assert made.out.startswith("fw_")
    assert made.out.strip() not in run("token", "list", "-o", "json").out
    assert run("token", "revoke", "ci").code == 0
    assert run("token", "revoke", "ci").code == 4


def test_the_audit_trail_tells_who_did_what(run: Run) -> None:
    run("service", "create", "blog")
    newest = run("audit", "--limit", "1", "-o", "json").document
    assert [(row["actor"], row["action"], row["target"]["name"]) for row in newest] == [
        ("alice", "service.create", "blog")
    ]


def test_use_remembers_what_the_server_knows(run: Run) -> None:
    assert run("use", "nonsense").code == 4
    assert run("use", "shop", "dev", "-o", "json").document == {"service": "shop", "environment": "dev"}
    assert run("use", "-o", "json").document == {"service": "shop", "environment": "dev"}
    assert run("use", "--clear", "-o", "json").document == {"service": None, "environment": None}


def test_completion_is_a_script_for_the_shell(run: Run) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "_FAIRWAY_COMPLETE" in run("completion", shell).out


def test_every_command_has_help(run: Run) -> None:
    from fairway.cli.program import COMMANDS

    for name in COMMANDS:
        result = run(name, "--help")
        assert (result.code, result.err) == (0, ""), name
