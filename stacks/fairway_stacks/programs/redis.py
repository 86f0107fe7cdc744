"""Redis: the official image with a password, on a volume of its own, with redis_exporter."""

import json

import pulumi

from fairway_stacks.components import outputs, quantity, request
from fairway_stacks.components.exporter import Exporter
from fairway_stacks.components.image import Image
from fairway_stacks.components.probes import Check
from fairway_stacks.components.request import Request
from fairway_stacks.components.server import Server

PORT = 6379
FOLDER = "/data"


def main() -> None:
    wanted, seeds = request.read()
    server = Server("Redis", wanted, image(wanted), credential(seeds.password))
    outputs.export("redis://:{password}@{host}:{port}/0", seeds.password, host=server.host, port=server.port)


def credential(password: pulumi.Output[str]) -> dict[str, pulumi.Input[str]]:
    """The password in a file of its own: arguments are seen by everybody on the node."""
    return {
        "password": password,
        "redis.conf": password.apply(lambda known: f"requirepass {json.dumps(known)}\n"),
    }


def image(wanted: Request) -> Image:
    return Image(
        reference="redis:8",
        user=999,
        ports={"redis": PORT},
        data_path=FOLDER,
        credential_path="/etc/redis",
        args=["/etc/redis/redis.conf", *settings(wanted)],
        ready=Check(PORT),
        exporter=Exporter(
            image="oliver006/redis_exporter:v1.80.0",
            port=9121,
            variables={"REDIS_ADDR": f"redis://localhost:{PORT}"},
            secrets={"REDIS_PASSWORD": "password"},
        ),
    )


def settings(wanted: Request) -> list[str]:
    """A quarter of the memory stays free, for buffers and for the copy that rewriting the log needs."""
    memory = quantity.in_bytes(wanted.size.memory) * 3 // 4
    return [
        *("--maxmemory", str(memory)),
        *("--maxmemory-policy", wanted.parameters["maxmemory_policy"]),
        *("--appendonly", "yes" if wanted.parameters["persistence"] else "no"),
        *("--appendfsync", "everysec"),
        *("--save", ""),
        *("--dir", FOLDER),
    ]
