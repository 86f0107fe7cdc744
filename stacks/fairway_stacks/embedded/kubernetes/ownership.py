"""Field managers: the first update takes over what a plain create (or kubectl) wrote, as the real provider does."""

from collections.abc import Mapping
from typing import Any

CREATOR = "pulumi-kubernetes"
TAKEN_OVER = (CREATOR, "pulumi-resource-kubernetes", "before-first-apply")


def takeover(live: Mapping[str, Any], manager: str) -> list[dict[str, Any]] | None:
    """The JSON patch that makes `manager` the owner, or None when it is already."""
    metadata = live["metadata"]
    entries = metadata.get("managedFields") or []
    taken = [one for one in entries if _is_taken(one)]
    if not taken:
        return None
    kept = [one for one in entries if not _is_taken(one) and not _is_ours(one, manager)]
    merged: dict[str, Any] = {}
    for one in [*taken, *(one for one in entries if _is_ours(one, manager))]:
        _union(merged, one.get("fieldsV1") or {})
    ours = {**taken[0], "manager": manager, "operation": "Apply", "fieldsV1": merged}
    return [
        {"op": "test", "path": "/metadata/resourceVersion", "value": metadata["resourceVersion"]},
        {"op": "replace", "path": "/metadata/managedFields", "value": [*kept, ours]},
    ]


def made_by_us(live: Mapping[str, Any]) -> bool:
    """Whether a create of ours made this object; true as well where the server keeps no managers."""
    entries = live["metadata"].get("managedFields")
    return not entries or any(str(one.get("manager", "")).startswith(CREATOR) for one in entries)


def _is_taken(entry: Mapping[str, Any]) -> bool:
    manager = str(entry.get("manager", ""))
    return not entry.get("subresource") and (manager in TAKEN_OVER or manager.startswith("kubectl"))


def _is_ours(entry: Mapping[str, Any], manager: str) -> bool:
    return not entry.get("subresource") and entry.get("manager") == manager and entry.get("operation") == "Apply"


def _union(into: dict[str, Any], fields: Mapping[str, Any]) -> None:
    for key, value in fields.items():
        if isinstance(value, dict):
            _union(into.setdefault(key, {}), value)
        else:
            into[key] = value
