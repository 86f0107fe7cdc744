"""A deployment: a program of the service's own, in as many replicas as wanted."""

import pulumi

from fairway_stacks.components import request
from fairway_stacks.components.program import Program


def main() -> None:
    wanted, seeds = request.read()
    program = Program(wanted, seeds)
    if program.host is not None:
        pulumi.export("host", program.host)
        pulumi.export("port", program.port)
        pulumi.export("url", pulumi.Output.format("http://{0}:{1}", program.host, program.port))
