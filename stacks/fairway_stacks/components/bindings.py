"""What a deployment uses: a Secret of its own for each binding, as servicebinding.io has it, and where it is found.

The Secrets have names of their own: a new credential is a new Secret, to which the pods roll, and the old
one goes last.
"""

from collections.abc import Sequence

import pulumi
from pulumi_kubernetes.core import v1 as core

from fairway_stacks.components import marks, variables
from fairway_stacks.components.request import Binding, Request, Seeds

ROOT = "/bindings"


class Bindings:
    """The Secrets of all bindings of one resource, and how a container mounts and reads them."""

    def __init__(self, request: Request, seeds: Seeds, parent: pulumi.Resource) -> None:
        self._bindings = request.bindings
        self.secrets = {b.name: _secret(request, b, seeds, parent) for b in request.bindings}

    def variables(self) -> list[core.EnvVarArgs]:
        """Each binding's URI; where two are of one type, the first one's."""
        if not self._bindings:
            return []
        root = variables.plain({"SERVICE_BINDING_ROOT": ROOT})
        for binding in first_of_each_variable(self._bindings):
            root += variables.secret({binding.variable: "uri"}, marks.name_of(self.secrets[binding.name]))
        return root

    def mounts(self) -> list[core.VolumeMountArgs]:
        return [
            core.VolumeMountArgs(name=f"binding-{n}", mount_path=f"{ROOT}/{name}", read_only=True)
            for n, name in enumerate(self.secrets)
        ]

    def volumes(self) -> list[core.VolumeArgs]:
        return [
            core.VolumeArgs(
                name=f"binding-{n}",
                secret=core.SecretVolumeSourceArgs(secret_name=marks.name_of(secret), default_mode=0o440),
            )
            for n, secret in enumerate(self.secrets.values())
        ]


def first_of_each_variable(bindings: Sequence[Binding]) -> list[Binding]:
    return list({b.variable: b for b in reversed(bindings) if b.variable}.values())[::-1]


def _secret(request: Request, binding: Binding, seeds: Seeds, parent: pulumi.Resource) -> core.Secret:
    plain = {
        "type": binding.type,
        "provider": "fairway",
        "host": binding.host,
        "port": str(binding.port),
        "username": binding.username,
        "database": binding.database,
    }
    return core.Secret(
        f"{request.name}-{binding.name}",
        metadata=marks.metadata(request),
        type=f"servicebinding.io/{binding.type}",
        string_data={
            **{key: value for key, value in plain.items() if value},
            "password": seeds.of(binding.name, "password"),
            "uri": seeds.of(binding.name, "uri"),
        },
        opts=marks.under(parent),
    )
