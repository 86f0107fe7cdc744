"""All of a stack at one moment: its resources in dependency order, and the operations that were under way."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fairway_stacks.port import EngineError
from fairway_stacks.state import urns
from fairway_stacks.state.passphrase import Passphrase
from fairway_stacks.state.resource import Resource, now

VERSION = "v3.260.0"


@dataclass(frozen=True)
class Pending:
    """kind: creating, updating, deleting, reading or importing."""

    kind: str
    resource: Resource


@dataclass(frozen=True)
class Snapshot:
    box: Passphrase
    resources: list[Resource] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)

    @property
    def root(self) -> Resource | None:
        return next((one for one in self.resources if one.type == urns.STACK_TYPE), None)

    def to_json(self) -> dict[str, Any]:
        """The deployment, without the envelope of files or exports."""
        document: dict[str, Any] = {
            "manifest": {"time": now(), "magic": hashlib.sha256(VERSION.encode()).hexdigest(), "version": VERSION},
            "secrets_providers": {"type": "passphrase", "state": {"salt": self.box.salt}},
        }
        if self.resources:
            document["resources"] = [one.to_json(self.box) for one in self.resources]
        if self.pending:
            document["pending_operations"] = [
                {"resource": one.resource.to_json(self.box), "type": one.kind} for one in self.pending
            ]
        document["metadata"] = {}
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any], passphrase: str, fallback_salt: str = "") -> "Snapshot":
        provider = document.get("secrets_providers") or {"type": "passphrase", "state": {"salt": fallback_salt}}
        if provider["type"] != "passphrase":
            raise EngineError(f"The state's secrets are kept by {provider['type']}, not by a passphrase")
        box = Passphrase(passphrase, provider["state"]["salt"])
        resources = [Resource.from_json(one, box) for one in document.get("resources", [])]
        pending = [
            Pending(one["type"], Resource.from_json(one["resource"], box))
            for one in document.get("pending_operations", [])
        ]
        return cls(box, resources, pending)
