"""Server-side apply: conflicts with other owners, the merge, and the removal of what is no longer applied."""

from typing import Any

from fairway_sandbox.errors import ApiError, bad_request
from fairway_sandbox.objects import Json, copied
from fairway_sandbox.patches import fields, owners, places
from fairway_sandbox.patches.fields import Path
from fairway_sandbox.schema import Node, Schema

Owned = list[tuple[Json, set[Path]]]


def apply(
    schema: Schema,
    node: Node | None,
    live: Json | None,
    config: Json,
    manager: str,
    api_version: str,
    *,
    force: bool = False,
    subresource: str = "",
) -> Json:
    """The merged object with its new managedFields."""
    if (config.get("metadata") or {}).get("managedFields"):
        raise bad_request("metadata.managedFields must be nil")
    if subresource != "status":
        config = {k: v for k, v in config.items() if k != "status"}
    wanted = fields.leaves(schema, node, config)
    present = (live or {"metadata": {}})["metadata"].get("managedFields") or []
    own = next((o for o in present if owners.is_of(o, manager, "Apply", subresource)), None)
    others: Owned = [(o, fields.read(o.get("fieldsV1"))) for o in present if o is not own]
    lost = _conflicts(others, wanted, fields.leaves(schema, node, live) if live else {})
    if lost and not force:
        raise _refusal(lost)
    merged: Json = copied(_merge(schema, node, live or {}, config))
    before = fields.read(own.get("fieldsV1")) if own else set()
    _drop(merged, before - set(wanted), {*wanted, *(p for _, paths in others for p in paths)})
    kept = owners.without([o for o, _ in others], set(lost))
    mine = owners.entry(manager, "Apply", api_version, subresource, set(wanted))
    if own and own.get("fieldsV1") == mine["fieldsV1"]:
        mine["time"] = own["time"]
    merged.setdefault("metadata", {})["managedFields"] = [*kept, mine]
    return merged


def _conflicts(others: Owned, wanted: dict[Path, Any], live: dict[Path, Any]) -> dict[Path, list[Json]]:
    """The paths that others own with another value, and who they are."""
    found: dict[Path, list[Json]] = {}
    for owner, paths in others:
        for path in paths & wanted.keys():
            if path in live and live[path] != wanted[path]:
                found.setdefault(path, []).append(owner)
    return found


def _refusal(lost: dict[Path, list[Json]]) -> ApiError:
    found = sorted((_named(owner), places.sentence(path)) for path, owners in lost.items() for owner in owners)
    if len(found) == 1:
        told = f"1 conflict: conflict with {found[0][0]}: {found[0][1]}"
    else:
        by_owner: dict[str, list[str]] = {}
        for who, path in found:
            by_owner.setdefault(who, []).append(f"- {path}")
        lines = [line for who, paths in by_owner.items() for line in (f"conflicts with {who}:", *paths)]
        told = f"{len(found)} conflicts: " + "\n".join(lines)
    reason = "FieldManagerConflict"
    causes = [{"reason": reason, "message": f"conflict with {who}", "field": path} for who, path in found]
    return ApiError(409, "Conflict", f"Apply failed with {told}", {"causes": causes})


def _named(owner: Json) -> str:
    """As messages call the owner."""
    within = f' with subresource "{owner["subresource"]}"' if owner.get("subresource") else ""
    using = f" using {owner['apiVersion']}" if owner["operation"] == "Update" else ""
    return f'"{owner["manager"]}"{within}{using}'


def _merge(schema: Schema, node: Node | None, live: Any, new: Any) -> Any:
    if isinstance(new, dict) and (node or {}).get("x-kubernetes-map-type") != "atomic":
        merged = dict(live) if isinstance(live, dict) else {}
        for name, value in new.items():
            merged[name] = _merge(schema, schema.property(node, name), merged.get(name), value)
        return merged
    keys = fields.list_keys(node)
    if not isinstance(new, list) or keys == "atomic" or not isinstance(live, list):
        return new
    if isinstance(keys, str):
        return [*live, *(item for item in new if item not in live)]
    places = {fields.key_segment(keys, item): at for at, item in enumerate(live)}
    merged_items = list(live)
    for item in new:
        at = places.get(fields.key_segment(keys, item))
        if at is None:
            merged_items.append(item)
        else:
            merged_items[at] = _merge(schema, schema.items(node), merged_items[at], item)
    return merged_items


def _drop(merged: Json, gone: set[Path], owned: set[Path]) -> None:
    """Remove what its last owner no longer applies. A list's item goes when nobody owns anything in it, and before its
    fields do: without its key it could not be found any more."""
    for path in sorted(gone, key=len):
        if not any(other[: len(path)] == path for other in owned):
            fields.remove(merged, path)
