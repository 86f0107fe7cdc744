"""The metrics exporter that stands beside a server in its pod."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes.core import v1 as core

from fairway_stacks.components import resources, security, variables

NOBODY = 65534


@dataclass(frozen=True)
class Exporter:
    """secrets: variable -> key of the server's credential."""

    image: str
    port: int
    args: Sequence[str] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)

    def container(self, credential: pulumi.Output[str]) -> core.ContainerArgs:
        return core.ContainerArgs(
            name="exporter",
            image=self.image,
            args=list(self.args) or None,
            env=[*variables.plain(self.variables), *variables.secret(self.secrets, credential)] or None,
            ports=[core.ContainerPortArgs(name="metrics", container_port=self.port)],
            resources=resources.small(),
            security_context=security.container(user=NOBODY),
        )
