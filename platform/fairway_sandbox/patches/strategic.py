"""Strategic merge patch: lists are merged by the keys that the schema names."""

from typing import Any

from fairway_sandbox.errors import bad_request
from fairway_sandbox.objects import Json, copied
from fairway_sandbox.schema import Node, Schema

ORDER, PRIMITIVE = "$setElementOrder/", "$deleteFromPrimitiveList/"


def merge(schema: Schema, node: Node | None, target: Any, patch: Json) -> Json:
    if patch.get("$patch") == "replace":
        return {k: v for k, v in patch.items() if k != "$patch"}
    if patch.get("$patch") == "delete":
        return {}
    kept = patch.get("$retainKeys")
    merged = {k: v for k, v in (target or {}).items() if kept is None or k in kept}
    for name, value in patch.items():
        if name.startswith(PRIMITIVE):
            field = name.removeprefix(PRIMITIVE)
            merged[field] = [x for x in merged.get(field) or [] if x not in value]
        elif not name.startswith("$"):
            _merge_field(schema, schema.property(node, name), merged, name, value)
    for name, order in patch.items():
        field = name.removeprefix(ORDER)
        if field != name and isinstance(merged.get(field), list):
            merged[field] = _ordered(merged[field], order, _merge_key(schema.property(node, field)))
    return merged


def _merge_field(schema: Schema, node: Node | None, merged: Json, name: str, value: Any) -> None:
    strategy = (node or {}).get("x-kubernetes-patch-strategy", "").split(",")
    current = merged.get(name)
    if value is None:
        merged.pop(name, None)
    elif isinstance(value, dict) and "replace" not in strategy:
        merged[name] = merge(schema, node, current if isinstance(current, dict) else {}, value)
        if value.get("$patch") == "delete":
            del merged[name]
    elif isinstance(value, list) and "merge" in strategy:
        key = _merge_key(node)
        if key:
            merged[name] = _merge_list(schema, schema.items(node), key, current or [], value)
        else:
            merged[name] = [*(current or []), *(x for x in value if x not in (current or []))]
    else:
        merged[name] = copied(value)


def _merge_list(schema: Schema, item: Node | None, key: str, current: list[Json], patch: list[Json]) -> list[Json]:
    if any(isinstance(p, dict) and p.get("$patch") == "replace" for p in patch):
        return [p for p in patch if p.get("$patch") != "replace"]
    merged = list(current)
    for element in patch:
        if not isinstance(element, dict) or key not in element:
            raise bad_request(f"map: {element} does not contain declared merge key: {key}")
        at = next((i for i, x in enumerate(merged) if x.get(key) == element[key]), None)
        if element.get("$patch") == "delete":
            merged = [x for x in merged if x.get(key) != element[key]]
        elif at is None:
            merged.append(merge(schema, item, {}, element))
        else:
            merged[at] = merge(schema, item, merged[at], element)
    return merged


def _merge_key(node: Node | None) -> str | None:
    return (node or {}).get("x-kubernetes-patch-merge-key")


def _ordered(items: list[Any], order: list[Any], key: str | None) -> list[Any]:
    """Items that the order names take its order; the others keep their place."""
    rank = {(o.get(key) if key else o): i for i, o in enumerate(order)}

    def identity(item: Any) -> Any:
        return item.get(key) if key else item

    named = iter(sorted((x for x in items if identity(x) in rank), key=lambda x: rank[identity(x)]))
    return [next(named) if identity(x) in rank else x for x in items]
