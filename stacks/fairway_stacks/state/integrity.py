"""The rules that Pulumi holds a deployment to before it works with it."""

import hashlib
from collections.abc import Mapping
from typing import Any

from fairway_stacks.port import EngineError
from fairway_stacks.state import urns


class Damaged(EngineError):
    """The state breaks Pulumi's own rules."""


def verify(deployment: Mapping[str, Any]) -> None:
    """deployment: its JSON. Raises Damaged."""
    manifest = deployment.get("manifest", {})
    version = manifest.get("version", "")
    if manifest.get("magic", "") != (hashlib.sha256(version.encode()).hexdigest() if version else ""):
        raise Damaged("magic cookie mismatch; possible tampering or corruption detected")
    known: set[str] = set()
    providers: set[str] = set()
    live: set[str] = set()
    for resource in deployment.get("resources", []):
        urn = resource.get("urn", "")
        _verify_one(resource, urn, known, providers)
        if not resource.get("delete"):
            if urn in live:
                raise Damaged(f"duplicate resource {urn} (not marked for deletion)")
            live.add(urn)
        known.add(urn)
        if urns.is_provider(resource["type"]):
            providers.add(f"{urn}::{resource.get('id', '')}")


def _verify_one(resource: Mapping[str, Any], urn: str, known: set[str], providers: set[str]) -> None:
    if not urn or not resource.get("type"):
        raise Damaged("a resource has no urn or no type")
    if not resource.get("custom") and resource.get("id"):
        raise Damaged(f"{urn}: custom false but non-empty ID")
    provider = resource.get("provider", "")
    if provider and provider not in providers and not resource.get("pendingReplacement"):
        raise Damaged(f"{urn} refers to unknown provider {provider}")
    needed = {*resource.get("dependencies", []), resource.get("parent"), resource.get("deletedWith")}
    for names in resource.get("propertyDependencies", {}).values():
        needed.update(names)
    if missing := needed - known - {None, ""}:
        raise Damaged(f"{urn}: dependency {min(missing)} is missing or comes after it")
