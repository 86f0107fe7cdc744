"""RabbitMQ in pods: each on an address of its own, and the reason where it is not installed."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pika
import pytest

from fairway_sandbox import recipes
from fairway_sandbox.recipes import rabbitmq
from tests.sandbox.conftest import Sandbox
from tests.sandbox.test_workloads import APPS, ready
from tests.until import until

pytestmark = pytest.mark.xdist_group("rabbitmq")  # its two servers start once
SETTINGS = "/etc/shore"


def test_where_it_is_not_installed_the_pull_fails_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(rabbitmq, "SYSTEM", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(recipes.NoRecipe, match=r"rabbitmq:4.*not installed: apt-get install rabbitmq-server"):
        recipes.resolve("rabbitmq:4")


def test_a_listener_is_bound_to_the_pods_address_whatever_its_name() -> None:
    given = "listeners.tcp.1 = 5672\nmqtt.listeners.tcp.default = 1883\nlisteners.tcp.2 = ::1:5673\n"
    assert rabbitmq.bound(given, "127.1.0.9").splitlines() == [
        "listeners.tcp.1 = 127.1.0.9:5672",
        "mqtt.listeners.tcp.default = 127.1.0.9:1883",
        "listeners.tcp.2 = ::1:5673",
    ]


def server(name: str, variables: dict[str, str]) -> dict[str, Any]:
    container = {
        "name": "main",
        "image": "rabbitmq:4",
        "env": [{"name": k, "value": v} for k, v in variables.items()],
        "readinessProbe": {"tcpSocket": {"port": 5672}, "periodSeconds": 1},
        "volumeMounts": [
            {"name": "data", "mountPath": "/var/lib/rabbitmq"},
            {"name": "settings", "mountPath": SETTINGS},
        ],
    }
    settings = {"name": "settings", "secret": {"secretName": name, "optional": True}}
    pod = {"containers": [container], "volumes": [settings], "terminationGracePeriodSeconds": 5}
    storage = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    spec = {
        "serviceName": name,
        "replicas": 1,
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": storage}],
    }
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name}, "spec": spec}


def secret(name: str, password: str) -> dict[str, Any]:
    user = {"name": "app", "password": password, "tags": []}
    everything = {"user": "app", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
    definitions = {"users": [user], "vhosts": [{"name": "/"}], "permissions": [everything]}
    texts = {
        "rabbitmq.conf": f"load_definitions = {SETTINGS}/definitions.json\n",
        "definitions.json": json.dumps(definitions),
    }
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": texts}


def connected(address: str, user: str, password: str) -> pika.BlockingConnection:
    credentials = pika.PlainCredentials(user, password)
    return pika.BlockingConnection(pika.ConnectionParameters(address, credentials=credentials))


@pytest.fixture(scope="module")
def space(sandbox: Sandbox) -> Iterator[str]:
    """With `jobs`, configured by files of its own, and beside it `plain`, by the image's variables."""
    try:
        recipes.resolve("rabbitmq:4")
    except recipes.NoRecipe as error:
        pytest.skip(str(error))
    space = sandbox.namespace("rabbits")
    sandbox.apply(f"/api/v1/namespaces/{space}/secrets/jobs", secret("jobs", "one")).raise_for_status()
    files = {"RABBITMQ_CONFIG_FILE": f"{SETTINGS}/rabbitmq.conf"}
    variables = {"RABBITMQ_DEFAULT_USER": "me", "RABBITMQ_DEFAULT_PASS": "mine", "RABBITMQ_DEFAULT_VHOST": "own"}
    for name, given in (("jobs", files), ("plain", variables)):
        sandbox.apply(f"{APPS}/{space}/statefulsets/{name}", server(name, given)).raise_for_status()
    for name in ("jobs", "plain"):
        until(partial(ready, sandbox, space, "statefulsets", name), seconds=60)
    yield space
    sandbox.http.delete(f"/api/v1/namespaces/{space}")


def address(sandbox: Sandbox, space: str, name: str) -> str:
    return str(sandbox.get(f"/api/v1/namespaces/{space}/pods/{name}-0")["status"]["podIP"])


def test_two_of_them_run_side_by_side_each_with_its_own_users(sandbox: Sandbox, space: str) -> None:
    connected(address(sandbox, space, "jobs"), "app", "one").close()
    parameters = pika.URLParameters(f"amqp://me:mine@{address(sandbox, space, 'plain')}:5672/own")
    pika.BlockingConnection(parameters).close()
    with pytest.raises(pika.exceptions.ProbableAuthenticationError):
        connected(address(sandbox, space, "plain"), "app", "one")


def test_its_own_plugin_offers_metrics(sandbox: Sandbox, space: str) -> None:
    assert "rabbitmq_build_info" in httpx.get(f"http://{address(sandbox, space, 'plain')}:15692/metrics").text


def test_a_new_credential_locks_the_old_one_out_and_the_messages_stay(sandbox: Sandbox, space: str) -> None:
    with connected(address(sandbox, space, "jobs"), "app", "one") as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare("kept", durable=True)
        channel.basic_publish("", "kept", b"still here", pika.BasicProperties(delivery_mode=2))
    before = sandbox.get(f"/api/v1/namespaces/{space}/pods/jobs-0")["metadata"]["uid"]

    def again() -> bool:
        """Another pod of the same name is ready."""
        found = [p for p in sandbox.pods(space) if p["metadata"]["name"] == "jobs-0" if p["metadata"]["uid"] != before]
        return any(c["ready"] for p in found for c in p["status"].get("containerStatuses") or [])

    sandbox.apply(f"/api/v1/namespaces/{space}/secrets/jobs", secret("jobs", "two")).raise_for_status()
    sandbox.http.request("DELETE", f"/api/v1/namespaces/{space}/pods/jobs-0", json={"gracePeriodSeconds": 0})
    until(again, seconds=60)
    with pytest.raises(pika.exceptions.ProbableAuthenticationError):
        connected(address(sandbox, space, "jobs"), "app", "one")
    with connected(address(sandbox, space, "jobs"), "app", "two") as connection:
        _, _, body = connection.channel().basic_get("kept", auto_ack=True)
    assert body == b"still here"
