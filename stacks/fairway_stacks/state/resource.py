"""One resource of a stack, as the checkpoint keeps it."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fairway_stacks.state import urns
from fairway_stacks.state.passphrase import Passphrase
from fairway_stacks.state.sealing import seal, unseal
from fairway_stacks.state.values import Properties


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


# Attribute -> key, in the order in which Pulumi writes them; those that are empty are left out.
_OPTIONAL = {
    "parent": "parent",
    "protect": "protect",
    "external": "external",
    "dependencies": "dependencies",
    "init_errors": "initErrors",
    "provider": "provider",
    "property_dependencies": "propertyDependencies",
    "pending_replacement": "pendingReplacement",
    "additional_secret_outputs": "additionalSecretOutputs",
    "custom_timeouts": "customTimeouts",
    "import_id": "importID",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "created": "created",
    "modified": "modified",
    "source_position": "sourcePosition",
    "stack_trace": "stackTrace",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
}


@dataclass(eq=False)
class Resource:
    """Compared by identity: during a replacement two of them have the same URN."""

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: Properties = field(default_factory=dict, repr=False)
    outputs: Properties = field(default_factory=dict, repr=False)
    delete: bool = False
    parent: str = ""
    protect: bool = False
    external: bool = False
    dependencies: list[str] = field(default_factory=list)
    init_errors: list[str] = field(default_factory=list)
    provider: str = ""
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    pending_replacement: bool = False
    additional_secret_outputs: list[str] = field(default_factory=list)
    custom_timeouts: dict[str, float] = field(default_factory=dict)
    import_id: str = ""
    retain_on_delete: bool = False
    deleted_with: str = ""
    created: str = ""
    modified: str = ""
    source_position: str = ""
    stack_trace: list[Mapping[str, Any]] = field(default_factory=list)
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return urns.name_of(self.urn)

    @property
    def is_provider(self) -> bool:
        return urns.is_provider(self.type)

    def needs(self) -> set[str]:
        """The URNs that must outlive this resource."""
        found = {*self.dependencies, self.parent, self.deleted_with}
        for names in self.property_dependencies.values():
            found.update(names)
        if self.provider:
            found.add(urns.provider_urn(self.provider))
        return found - {""}

    def copy(self) -> "Resource":
        return copy.copy(self)

    def to_json(self, box: Passphrase) -> dict[str, Any]:
        document: dict[str, Any] = {"urn": self.urn, "custom": self.custom}
        if self.delete:
            document["delete"] = True
        if self.id:
            document["id"] = self.id
        document["type"] = self.type
        for key in ("inputs", "outputs"):
            if value := getattr(self, key):
                document[key] = seal(value, box)
        document.update((key, value) for name, key in _OPTIONAL.items() if (value := getattr(self, name)))
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any], box: Passphrase) -> "Resource":
        resource = cls(document["urn"], document["type"], document["custom"])
        resource.id = document.get("id", "")
        resource.delete = document.get("delete", False)
        resource.inputs = unseal(document.get("inputs", {}), box)
        resource.outputs = unseal(document.get("outputs", {}), box)
        for name, key in _OPTIONAL.items():
            if document.get(key):
                setattr(resource, name, document[key])
        return resource
