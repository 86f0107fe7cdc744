"""Places in an object, as a person reads them."""

from collections.abc import Iterable
from typing import Any

import orjson

from fairway_sandbox.patches.fields import Path, key_segment, list_keys, value_segment
from fairway_sandbox.schema import Node, Schema


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


def dotted(path: Iterable[str | int]) -> str:
    """A place in an object, as `spec.containers[0].image`."""
    return "".join(f"[{token}]" if isinstance(token, int) else f".{token}" for token in path)[1:]


def keyed(schema: Schema, node: Node | None, value: Any, path: Iterable[str | int]) -> str:
    """The same with a keyed list's items by their keys, as owners are told of it."""
    found: list[str] = []
    for token in path:
        if isinstance(token, int):
            keys, value = list_keys(node), value[token]
            found.append(value_segment(token) if isinstance(keys, str) else key_segment(keys, value))
            node = schema.items(node)
        else:
            found.append(f"f:{token}")
            node, value = schema.property(node, token), value.get(token)
    return sentence(tuple(found))
