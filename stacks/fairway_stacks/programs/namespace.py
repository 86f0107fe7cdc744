"""The namespace of a service in an environment."""

import json

import pulumi
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta


def main() -> None:
    wanted = json.loads(pulumi.Config("fairway").require("request"))
    namespace = core.Namespace(
        wanted["namespace"],
        metadata=meta.ObjectMetaArgs(name=wanted["namespace"], labels=labels(wanted)),
    )
    pulumi.export("namespace", namespace.metadata.apply(lambda metadata: str(metadata.name)))


def labels(wanted: dict[str, str]) -> dict[str, str]:
    """Privileged pods are refused; whatever falls short of `restricted` is told, as an organisation's own may."""
    return {
        "app.kubernetes.io/managed-by": "fairway",
        "app.kubernetes.io/part-of": wanted["service"],
        "fairway.dev/environment": wanted["environment"],
        "fairway.dev/team": wanted["team"],
        "pod-security.kubernetes.io/enforce": "baseline",
        "pod-security.kubernetes.io/warn": "restricted",
    }
