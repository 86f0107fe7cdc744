"""RabbitMQ: the official image on a volume of its own, with its built-in Prometheus plugin."""

import base64
import hashlib
import json

import pulumi

from fairway_stacks.components import outputs, quantity, request
from fairway_stacks.components.image import Image
from fairway_stacks.components.probes import Check
from fairway_stacks.components.request import Request
from fairway_stacks.components.server import Server

PORT = 5672
METRICS = 15692
USERNAME = "app"
SETTINGS = "/etc/rabbitmq/fairway"


def main() -> None:
    wanted, seeds = request.read()
    credential: dict[str, pulumi.Input[str]] = {
        "username": USERNAME,
        "password": seeds.password,
        "rabbitmq.conf": configuration(wanted),
        "definitions.json": seeds.password.apply(lambda password: definitions(wanted, password)),
        "enabled_plugins": "[rabbitmq_prometheus].\n",
    }
    server = Server("RabbitMQ", wanted, image(), credential)
    outputs.export(
        "amqp://{username}:{password}@{host}:{port}/%2F",
        seeds.password,
        host=server.host,
        port=server.port,
        username=USERNAME,
    )


def configuration(wanted: Request) -> str:
    """A tenth of the volume stays free: RabbitMQ cannot go on with a full one."""
    memory = quantity.in_bytes(wanted.size.memory) * wanted.parameters["memory_watermark"] // 100
    return "\n".join(
        [
            f"load_definitions = {SETTINGS}/definitions.json",
            f"max_message_size = {wanted.parameters['max_message_size'] * 1024}",
            f"vm_memory_high_watermark.absolute = {memory}",
            f"disk_free_limit.absolute = {quantity.in_bytes(wanted.size.storage) // 10}",
            "",
        ]
    )


def definitions(wanted: Request, password: str) -> str:
    """RabbitMQ makes a default user only with an empty database; definitions are read at each start, before it listens.
    So another credential locks the old password out, and what clients declared stays."""
    user = {
        "name": USERNAME,
        "password_hash": hashed(wanted, password),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": [],
    }
    everything = {"user": USERNAME, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
    return json.dumps({"users": [user], "vhosts": [{"name": "/"}], "permissions": [everything]})


def hashed(wanted: Request, password: str) -> str:
    """RabbitMQ's own form. The salt stays the same, since another text would restart the server at each update."""
    salt = hashlib.sha256(wanted.resource.encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def image() -> Image:
    return Image(
        reference="rabbitmq:4",
        user=999,
        ports={"amqp": PORT, "metrics": METRICS},
        data_path="/var/lib/rabbitmq",
        credential_path=SETTINGS,
        args=["rabbitmq-server"],
        scratch=("/var/log/rabbitmq",),
        ready=Check(PORT),
        variables={
            "RABBITMQ_CONFIG_FILE": f"{SETTINGS}/rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{SETTINGS}/enabled_plugins",
            "RABBITMQ_LOGS": "-",
        },
    )
