"""Programs whose wishes come with their configuration: `fairway:wish` is JSON, a list of objects to have."""

import json
from typing import Any

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment
from pulumi_kubernetes.core.v1 import ConfigMap, Secret

OPTIONS = ("protect", "retain_on_delete", "ignore_changes", "delete_before_replace", "aliases")


def main() -> None:
    """Each wish: kind, logical name, parts of the object; also `options`, `after`, and `seconds` to be ready in."""
    config = pulumi.Config("fairway")
    made: dict[str, pulumi.Resource] = {}
    for wish in json.loads(config.require("wish")):
        options: dict[str, Any] = {key: value for key, value in wish.get("options", {}).items() if key in OPTIONS}
        options["depends_on"] = [made[name] for name in wish.get("after", ())]
        if seconds := wish.get("seconds"):
            options["custom_timeouts"] = pulumi.CustomTimeouts(create=f"{seconds}s", update=f"{seconds}s")
        made[wish["name"]] = make(wish, config, pulumi.ResourceOptions(**options))
    pulumi.export("names", list(made))
    if password := config.get_secret("password"):
        pulumi.export("password", password)


def make(wish: dict[str, Any], config: pulumi.Config, options: pulumi.ResourceOptions) -> pulumi.Resource:
    match wish["kind"]:
        case "ConfigMap":
            return ConfigMap(wish["name"], metadata=wish["metadata"], data=wish["data"], opts=options)
        case "Secret":
            data = {"password": config.require_secret("password")}
            return Secret(wish["name"], metadata=wish["metadata"], string_data=data, opts=options)
        case "Deployment":
            return Deployment(wish["name"], metadata=wish["metadata"], spec=wish["spec"], opts=options)
        case other:
            raise ValueError(f"no {other} here")


def twice() -> None:
    """Registers one name two times."""
    for value in ("1", "2"):
        ConfigMap("same", metadata={"namespace": "default"}, data={"a": value})
