"""What a program is asked for: the configuration `fairway:request` and `fairway:seeds`, read once, then typed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pulumi


@dataclass(frozen=True)
class Size:
    """Kubernetes quantities; storage is empty for what keeps no data."""

    cpu: str
    memory: str
    storage: str = ""


@dataclass(frozen=True)
class Binding:
    """A resource that this one uses; its secrets are in `Seeds` under the same name."""

    name: str
    type: str
    variable: str
    host: str
    port: int
    username: str = ""
    database: str = ""


@dataclass(frozen=True)
class Request:
    """One resource. resource: its full id. addressing: what clients reach, the Service's IP or its DNS name."""

    resource: str
    name: str
    service: str
    environment: str
    team: str
    namespace: str
    addressing: Literal["ip", "dns"]
    offering: str
    version: str
    plan: str
    size: Size
    parameters: Mapping[str, Any]
    bindings: tuple[Binding, ...] = ()


@dataclass(frozen=True)
class Seeds:
    """The secrets that Fairway made: they stay secret in all that is derived from them."""

    document: pulumi.Output[Mapping[str, Any]]

    @property
    def password(self) -> pulumi.Output[str]:
        return self.document.apply(lambda seeds: str(seeds["password"]))

    def of(self, binding: str, key: Literal["password", "uri"]) -> pulumi.Output[str]:
        return self.document.apply(lambda seeds: str(seeds["bindings"][binding].get(key) or ""))


def read() -> tuple[Request, Seeds]:
    """Both, from the stack's configuration. Raises ConfigMissingError."""
    config = pulumi.Config("fairway")
    document = config.require_secret("seeds").apply(json.loads)
    return parse(json.loads(config.require("request"))), Seeds(document)


def parse(document: Mapping[str, Any]) -> Request:
    return Request(
        **{
            **document,
            "size": Size(**{key: value or "" for key, value in document["size"].items()}),
            "bindings": tuple(_binding(binding) for binding in document.get("bindings", ())),
        }
    )


def _binding(document: Mapping[str, Any]) -> Binding:
    """What a kind does not have (a user, a database) may be absent or null."""
    return Binding(**{key: value for key, value in document.items() if value is not None})
