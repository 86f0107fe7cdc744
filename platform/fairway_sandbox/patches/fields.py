"""Field sets: which leaf paths an object has, in the shape of managedFields.

A path is a tuple of segments: `f:name` of a map, `k:{...}` of a keyed list's item, `v:...` of a set's member. A map, a
list or an item can be owned itself, apart from what is in it; where both are, `.` stands for itself.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from fairway_sandbox.objects import Json
from fairway_sandbox.schema import Node, Schema

Path = tuple[str, ...]
UNOWNED_META = (
    *("name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp"),
    *("managedFields", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"),
)
UNOWNED: set[Path] = {("f:apiVersion",), ("f:kind",), *(("f:metadata", f"f:{name}") for name in UNOWNED_META)}
DEFAULT_KEYS = {"protocol": "TCP"}
# Structs that Kubernetes holds by value: they are there in every object, so that no write brings them.
BY_VALUE = {
    *("metadata", "spec", "status", "template", "jobTemplate", "strategy", "updateStrategy", "resources"),
    *("podSelector", "source", "loadBalancer"),
}


def list_keys(node: Node | None) -> str | tuple[str, ...]:
    """How a list is owned: `atomic`, `set`, or by the keys of its items."""
    kind = (node or {}).get("x-kubernetes-list-type")
    if node and kind == "map":
        return tuple(node.get("x-kubernetes-list-map-keys") or ())
    if kind == "set":
        return "set"
    if node and kind is None and node.get("x-kubernetes-patch-strategy", "").startswith("merge"):
        key = node.get("x-kubernetes-patch-merge-key")
        return (key,) if key else "set"
    return "atomic"


def key_segment(keys: Iterable[str], item: Json) -> str:
    values = {k: item.get(k, DEFAULT_KEYS.get(k)) for k in sorted(keys)}
    return "k:" + orjson.dumps({k: v for k, v in values.items() if v is not None}).decode()


def value_segment(value: Any) -> str:
    return "v:" + orjson.dumps(value).decode()


def leaves(schema: Schema, node: Node | None, value: Any, *, whole: bool = False) -> dict[Path, Any]:
    """The value at every path that can be owned. whole: also at maps and lists that not every object has, as an update
    owns them; an apply owns only what it says."""
    found: dict[Path, Any] = {}
    _collect(schema, node, value, (), found, whole)
    return found


def _collect(
    schema: Schema, node: Node | None, value: Any, path: Path, found: dict[Path, Any], whole: bool, given: bool = True
) -> None:
    """given: whether every object of the kind has this place, be it empty."""
    if isinstance(value, dict) and (node or {}).get("x-kubernetes-map-type") != "atomic":
        if not given and (whole or not value):
            found[path] = True
        required = (node or {}).get("required") or () if given else ()
        for name, item in value.items():
            place = (*path, f"f:{name}")
            if place not in UNOWNED:
                inner = schema.property(node, name)
                known = given and whole and (inner is not None and (name in BY_VALUE or name in required))
                _collect(schema, inner, item, place, found, whole, known or place == ("f:metadata",))
        return
    keys = list_keys(node) if isinstance(value, list) and value else "atomic"
    if keys == "atomic":
        if not (given and whole and value == {}):
            found[path] = value
        return
    if whole and not given:
        found[path] = True
    if keys == "set":
        found.update({(*path, value_segment(item)): item for item in value})
        return
    for item in value:
        _collect_item(schema, node, item, (*path, key_segment(keys, item)), found, whole)


def _collect_item(
    schema: Schema, node: Node | None, item: Any, place: Path, found: dict[Path, Any], whole: bool
) -> None:
    found[place] = True
    _collect(schema, schema.items(node), item, place, found, whole, given=False)


def written(paths: set[Path]) -> Json:
    """The paths as `fieldsV1`."""
    root: Json = {}
    for path in sorted(paths):
        inner = root
        for depth, segment in enumerate(path, 1):
            inner = inner.setdefault(segment, {})
            if depth < len(path) and path[:depth] in paths:
                inner["."] = {}
    return root


def read(fields: Json | None, path: Path = ()) -> set[Path]:
    found: set[Path] = set()
    for segment, inner in (fields or {}).items():
        if segment == ".":
            found.add(path)
        elif inner:
            found |= read(inner, (*path, segment))
        else:
            found.add((*path, segment))
    return found


def remove(obj: Any, path: Path) -> None:
    """Take one path out of a private object, and the maps that it leaves empty."""
    segment, rest = path[0], path[1:]
    kind, text = segment[:2], segment[2:]
    if kind == "f:" and isinstance(obj, dict) and text in obj:
        if rest:
            remove(obj[text], rest)
        if not rest or obj[text] in ({}, []):
            del obj[text]
    elif kind == "k:" and isinstance(obj, list):
        keys = orjson.loads(text)
        for at, item in enumerate(obj):
            if all(item.get(k, DEFAULT_KEYS.get(k)) == v for k, v in keys.items()):
                if not rest:
                    del obj[at]
                else:
                    remove(item, rest)
                return
    elif kind == "v:" and isinstance(obj, list) and orjson.loads(text) in obj:
        obj.remove(orjson.loads(text))
