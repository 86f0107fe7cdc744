"""Field sets: which leaf paths an object has, in the shape of managedFields.

A path is a tuple of segments: `f:name` of a map, `k:{...}` of a keyed list's item, `v:...` of a set's member, and `.`
for the membership of a keyed item itself.
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


def leaves(schema: Schema, node: Node | None, value: Any) -> dict[Path, Any]:
    found: dict[Path, Any] = {}
    _collect(schema, node, value, (), found)
    return found


def _collect(schema: Schema, node: Node | None, value: Any, path: Path, found: dict[Path, Any]) -> None:
    if isinstance(value, dict) and value and (node or {}).get("x-kubernetes-map-type") != "atomic":
        for name, item in value.items():
            place = (*path, f"f:{name}")
            if place not in UNOWNED:
                _collect(schema, schema.property(node, name), item, place, found)
        return
    keys = list_keys(node) if isinstance(value, list) and value else "atomic"
    if keys == "atomic":
        found[path] = value
    elif keys == "set":
        found.update({(*path, value_segment(item)): item for item in value})
    else:
        for item in value:
            place = (*path, key_segment(keys, item))
            found[(*place, ".")] = True
            _collect(schema, schema.items(node), item, place, found)


def written(paths: Iterable[Path]) -> Json:
    """The paths as `fieldsV1`."""
    root: Json = {}
    for path in sorted(paths):
        inner = root
        for segment in path[:-1]:
            inner = inner.setdefault(segment, {})
        inner.setdefault(path[-1], {})
    return root


def read(fields: Json | None, path: Path = ()) -> set[Path]:
    found: set[Path] = set()
    for segment, inner in (fields or {}).items():
        found |= read(inner, (*path, segment)) if inner else {(*path, segment)}
    return found


def sentence(path: Path) -> str:
    """The path as a person reads it: `.spec.containers[name="a"].image`."""
    parts = []
    for segment in path:
        kind, rest = segment[:2], segment[2:]
        if kind == "f:":
            parts.append(f".{rest}")
        elif kind == "k:":
            pairs = orjson.loads(rest).items()
            parts.append("[" + ",".join(f"{k}={orjson.dumps(v).decode()}" for k, v in pairs) + "]")
        elif kind == "v:":
            parts.append(f"[={rest}]")
    return "".join(parts)


def remove(obj: Any, path: Path) -> None:
    """Take one leaf out of a private object, and the maps that it leaves empty."""
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
                if not rest or rest[0] == ".":
                    del obj[at]
                else:
                    remove(item, rest)
                return
    elif kind == "v:" and isinstance(obj, list) and orjson.loads(text) in obj:
        obj.remove(orjson.loads(text))
