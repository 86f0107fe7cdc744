"""Environment variables of containers."""

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes.core import v1 as core


def plain(variables: Mapping[str, str]) -> list[core.EnvVarArgs]:
    return [core.EnvVarArgs(name=name, value=value) for name, value in variables.items()]


def secret(variables: Mapping[str, str], credential: pulumi.Input[str]) -> list[core.EnvVarArgs]:
    """Variables that the Secret `credential` fills: variable -> key."""
    return [
        core.EnvVarArgs(
            name=name,
            value_from=core.EnvVarSourceArgs(
                secret_key_ref=core.SecretKeySelectorArgs(name=credential, key=key),
            ),
        )
        for name, key in variables.items()
    ]
