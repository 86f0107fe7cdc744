"""An organisation's own offering, RabbitMQ: its YAML and its program from outside of Fairway, its server real."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pika
import pytest

from fairway_sandbox import recipes
from tests.e2e.platform import PATIENCE, Platform, healthy
from tests.e2e.target import TARGET
from tests.programs.stage import EXAMPLE
from tests.until import until

READER = """\
import os, signal, socket, sys, urllib.parse
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
url = urllib.parse.urlsplit(os.environ["AMQP_URL"])
assert os.environ["AMQP_URL"] == open(os.environ["SERVICE_BINDING_ROOT"] + "/jobs/uri").read()
with socket.create_connection((url.hostname, url.port), 10) as connection:
    connection.sendall(b"AMQP\\x00\\x00\\x09\\x01")
    print("it answers with", connection.recv(11)[7:], flush=True)
signal.pause()
"""


def missing() -> str:
    """Why the sandbox cannot run it; empty where it can, and on a real cluster, which has the image."""
    try:
        recipes.resolve("rabbitmq:4")
    except recipes.NoRecipe as error:
        return "" if TARGET.kubeconfig else str(error)
    return ""


pytestmark = [pytest.mark.whole, pytest.mark.timeout(2 * PATIENCE), pytest.mark.xdist_group("alone")]
needs_rabbitmq = pytest.mark.skipif(bool(missing()), reason=missing())


def with_example(data: Path, *, installed: bool = True) -> Platform:
    platform = Platform(data)
    platform.environment["FAIRWAY_CATALOG_DIRS"] = str(EXAMPLE)
    roots = [p for p in platform.environment["PYTHONPATH"].split(os.pathsep) if Path(p) != EXAMPLE]
    platform.environment["PYTHONPATH"] = os.pathsep.join([*roots, *([str(EXAMPLE)] if installed else [])])
    return platform


@pytest.fixture(scope="module")
def shore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """With one RabbitMQ, `jobs`."""
    platform = with_example(tmp_path_factory.mktemp("shore"))
    platform.start()
    try:
        platform.done("create", "rabbitmq", "jobs", "--plan", "dev", "--set", "max_message_size=64", "--yes")
        yield platform
    finally:
        platform.leave()


def connected(platform: Platform) -> pika.BlockingConnection:
    uri = platform.done("connect", "jobs", "--reveal", "-o", "json").document["uri"]
    return pika.BlockingConnection(pika.URLParameters(uri))


def publish(platform: Platform, body: bytes) -> None:
    """Durable, and confirmed by the server."""
    with connected(platform) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare("orders", durable=True)
        channel.basic_publish("", "orders", body, pika.BasicProperties(delivery_mode=2))


def consumed(platform: Platform) -> bytes:
    with connected(platform) as connection:
        _, _, body = connection.channel().basic_get("orders", auto_ack=True)
    return bytes(body)


def test_without_its_program_the_start_ends_with_the_offering_the_module_and_the_way_out(tmp_path: Path) -> None:
    platform = with_example(tmp_path / "platform", installed=False)
    with pytest.raises(AssertionError) as caught:
        platform.start()
    assert platform.process is not None
    platform.process.communicate(timeout=30)
    said = str(caught.value)
    assert "rabbitmq 1.0: The program shore_offerings.rabbitmq:main cannot be imported" in said
    assert "No module named 'shore_offerings'" in said and "PYTHONPATH" in said


@needs_rabbitmq
def test_it_is_in_the_catalog_with_plans_and_parameters(shore: Platform) -> None:
    assert "rabbitmq" in [offering["name"] for offering in shore.done("catalog", "-o", "json").document]
    refused = shore.fairway("create", "rabbitmq", "x", "--plan", "dev", "--set", "memory_watermark=95", "--yes")
    assert refused.code == 2 and "memory_watermark" in refused.err and "30 to 70" in refused.err


@needs_rabbitmq
def test_a_durable_message_outlives_its_pod(shore: Platform) -> None:
    publish(shore, b"one crate of herring")
    quick = {"resource": "jobs", "service": shore.service, "environment": "dev", "baseline": 1, "after": 1}
    with shore.rest() as rest:
        started = rest.post("/trials", json={**quick, "allow_outage": True, "confirm": "jobs"})
        path = started.raise_for_status().headers["location"].removeprefix("/api/v1")
        trial = until(lambda: rest.get(path).json(), lambda t: t["ended_at"], 120)
    assert trial["workload"]["ttr"] > 0
    assert trial["availability"]["longest_outage"] > 0
    assert consumed(shore) == b"one crate of herring"


@needs_rabbitmq
def test_a_changed_parameter_holds_and_the_messages_stay(shore: Platform) -> None:
    publish(shore, bytes(40 * 1024))
    shore.done("update", "jobs", "--set", "max_message_size=32", "--yes")
    assert consumed(shore) == bytes(40 * 1024)
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="larger than configured max size"):
        publish(shore, bytes(40 * 1024))


@needs_rabbitmq
def test_a_bound_deployment_finds_it_in_amqp_url(shore: Platform) -> None:
    program = ["--set", "port=0", "--set", 'command=["python", "/app/main.py"]', "--set", f"files.main.py={READER}"]
    shore.done("deploy", "reader", "--image", "python:3.12", "--bind", "jobs", *program, "--yes")
    said = until(lambda: shore.done("logs", "reader").out, lambda out: "answers" in out, 30)
    assert r"it answers with b'\x00\n\x00\n'" in said


@needs_rabbitmq
def test_it_is_healthy_and_its_charts_are_measured(shore: Platform) -> None:
    publish(shore, b"counted")
    healthy(shore, "jobs")
    with shore.rest() as rest:
        path = f"/resources/{shore.resource('jobs')['id']}/metrics?since=15m"
        kept = until(partial(chart, rest, path, "messages"), lambda c: c["latest"] and c["latest"] >= 1, 60)
        memory = chart(rest, path, "memory")
    assert [v for v in kept["series"]["value"] if v is not None]
    assert memory["latest"] > 2**20
    assert memory["limit"] == 512 * 2**20 * 60 // 100


def chart(rest: Any, path: str, name: str) -> Any:
    return next(c for c in rest.get(path).raise_for_status().json()["charts"] if c["name"] == name)


@needs_rabbitmq
def test_z_destroyed_is_gone(shore: Platform) -> None:
    held = shore.fairway("destroy", "jobs", "--confirm", "jobs")
    assert held.code == 5 and "reader" in held.err
    for name in ("reader", "jobs"):
        shore.done("destroy", name, "--confirm", name)
    assert shore.done("list", "-o", "json").document == []
    until(lambda: shore.objects(), lambda found: not found)
