"""Who may connect to what was provisioned: programs of one's own team, and others only where that is wanted."""

import secrets
from collections.abc import Iterator
from functools import partial

import pytest

from tests.e2e.platform import PATIENCE, Platform
from tests.until import until

pytestmark = [pytest.mark.whole, pytest.mark.timeout(2 * PATIENCE), pytest.mark.xdist_group("whole")]

CALLER = """\
import os, socket, time

while True:
    try:
        with socket.create_connection((os.environ["THERE"], int(os.environ["PORT_THERE"])), timeout=2) as connection:
            connection.sendall(b"PING\\r\\n")
            print("answered" if connection.recv(100) else "held up: closed", flush=True)
    except OSError as error:
        print("held up:", type(error).__name__, flush=True)
    time.sleep(0.5)
"""


@pytest.fixture(scope="module")
def store(platform: Platform) -> Iterator[dict[str, str]]:
    """A database's address, as a deployment's variables."""
    platform.done("create", "redis", "shelf", "--plan", "dev", "--yes")
    outputs = platform.resource("shelf")["outputs"]
    yield {"THERE": outputs["host"], "PORT_THERE": str(outputs["port"])}
    platform.done("destroy", "shelf", "--confirm", "shelf")


def called(platform: Platform, service: str, store: dict[str, str]) -> None:
    """A program of this service that tries to connect, again and again."""
    variables = [word for name, value in store.items() for word in ("--set", f"variables.{name}={value}")]
    command = ["--set", 'command=["python", "/app/caller.py"]', "--set", f"files.caller.py={CALLER}"]
    settings = ["--image", "python:3.12", "--plan", "nano", "--set", "port=0", *command, *variables]
    platform.done("deploy", "caller", *settings, "--yes", FAIRWAY_SERVICE=service)


def last_words(platform: Platform, service: str) -> str:
    lines = platform.done("logs", "caller", FAIRWAY_SERVICE=service).out.splitlines()
    return lines[-1] if lines else ""


def test_another_service_of_the_team_connects(platform: Platform, store: dict[str, str]) -> None:
    service = f"{platform.service}-b"
    called(platform, service, store)
    until(partial(last_words, platform, service), lambda said: said.endswith("answered"))
    platform.done("destroy", "caller", "--confirm", "caller", FAIRWAY_SERVICE=service)


def test_another_team_connects_only_where_that_is_wanted(platform: Platform, store: dict[str, str]) -> None:
    rivals = f"rivals-{secrets.token_hex(2)}"
    service = f"{platform.service}-c"
    platform.done("team", "create", rivals)
    platform.done("service", "create", service, "--team", rivals)
    called(platform, service, store)
    until(partial(last_words, platform, service), lambda said: "held up" in said)
    platform.done("update", "shelf", "--set", "reachable_from=cluster", "--yes")
    until(partial(last_words, platform, service), lambda said: said.endswith("answered"))
    platform.done("update", "shelf", "--set", "reachable_from=team", "--yes")
    until(partial(last_words, platform, service), lambda said: "held up" in said)
    platform.done("destroy", "caller", "--confirm", "caller", FAIRWAY_SERVICE=service)
