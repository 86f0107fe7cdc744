"""The example of an organisation's own offering."""

import base64
import hashlib
import json

import pytest

from tests.programs.stage import PASSWORD, Show, stage


def settings(show: Show) -> dict[str, str]:
    lines = show.only("Secret")["stringData"]["rabbitmq.conf"].splitlines()
    return dict(line.split(" = ") for line in lines)


@pytest.mark.parametrize(("plan", "memory"), [("dev", 512), ("small", 1024), ("medium", 4096)])
def test_publishers_wait_at_the_share_of_the_plans_memory_that_was_asked_for(plan: str, memory: int) -> None:
    show = stage("rabbitmq", plan=plan, parameters={"memory_watermark": 50})
    assert settings(show)["vm_memory_high_watermark.absolute"] == str(memory * 2**19)


def test_the_largest_message_is_what_was_asked_for() -> None:
    assert settings(stage("rabbitmq", parameters={"max_message_size": 64}))["max_message_size"] == "65536"


def test_its_one_user_has_the_salted_hash_of_the_password() -> None:
    found = json.loads(stage("rabbitmq").only("Secret")["stringData"]["definitions.json"])
    (user,) = found["users"]
    known = base64.b64decode(user["password_hash"])
    assert hashlib.sha256(known[:4] + PASSWORD.encode()).digest() == known[4:]
    assert (user["name"], found["permissions"][0]["user"]) == ("app", "app")


def test_the_same_credential_is_the_same_text_so_that_an_update_without_a_change_restarts_nothing() -> None:
    def text(password: str) -> str:
        return str(stage("rabbitmq", password=password).only("Secret")["stringData"]["definitions.json"])

    assert text("one") == text("one") != text("two")


def test_the_server_finds_its_settings_in_its_credential() -> None:
    show = stage("rabbitmq")
    folder = "/etc/rabbitmq/fairway"
    assert {"name": "credential", "mountPath": folder, "readOnly": True} in show.container()["volumeMounts"]
    assert show.container()["args"] == ["rabbitmq-server"]
    assert settings(show)["load_definitions"] == f"{folder}/definitions.json"
    paths = [v for v in show.variables().values() if str(v).startswith(folder)]
    assert {path.rpartition("/")[2] for path in paths} <= show.only("Secret")["stringData"].keys()
    assert len(paths) == 2
