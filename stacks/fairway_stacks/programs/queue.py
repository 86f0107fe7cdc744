"""A queue: NATS with JetStream on a volume of its own, with the NATS exporter."""

import json

import pulumi

from fairway_stacks.components import outputs, request
from fairway_stacks.components.exporter import Exporter
from fairway_stacks.components.image import Image
from fairway_stacks.components.probes import Check
from fairway_stacks.components.request import Request
from fairway_stacks.components.server import Server

PORT = 4222
MONITORING = 8222
USERNAME = "app"
FOLDER = "/data"


def main() -> None:
    wanted, seeds = request.read()
    credential: dict[str, pulumi.Input[str]] = {
        "username": USERNAME,
        "password": seeds.password,
        "nats.conf": seeds.password.apply(lambda password: configuration(wanted, password)),
    }
    server = Server("Queue", wanted, image(), credential)
    outputs.export(
        "nats://{username}:{password}@{host}:{port}",
        seeds.password,
        host=server.host,
        port=server.port,
        username=USERNAME,
    )


def configuration(wanted: Request, password: str) -> str:
    """In the credential, because it holds the password: arguments are seen by everybody on the node."""
    return "\n".join(
        [
            f"server_name: {json.dumps(wanted.name)}",
            f"max_payload: {wanted.parameters['max_payload'] * 1024}",
            f"authorization {{ user: {json.dumps(USERNAME)}, password: {json.dumps(password)} }}",
            "",
        ]
    )


def image() -> Image:
    return Image(
        reference="nats:2",
        user=1000,
        ports={"nats": PORT, "monitoring": MONITORING},
        data_path=FOLDER,
        credential_path="/etc/nats",
        args=["-c", "/etc/nats/nats.conf", "-js", "-sd", FOLDER, "-m", str(MONITORING)],
        ready=Check(MONITORING, path="/healthz"),
        exporter=Exporter(
            image="natsio/prometheus-nats-exporter:0.18.0",
            port=7777,
            args=["-varz", "-connz", "-jsz=all", f"http://localhost:{MONITORING}"],
        ),
    )
