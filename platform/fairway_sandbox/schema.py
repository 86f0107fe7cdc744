"""The OpenAPI definitions of Kubernetes, walked with typed steps by patches, apply and validation.

They come from the package `kubernetes-validate`; descriptions are left out in memory and read again when asked for.
"""

import importlib.util
from pathlib import Path
from typing import Any

import orjson

from fairway_sandbox.objects import Json

VERSION = "1.34"
Node = Json


def read_definitions() -> dict[str, Node]:
    """Every definition with its descriptions."""
    found = importlib.util.find_spec("kubernetes_validate")
    if found is None or found.origin is None:
        raise SystemExit("the sandbox needs the package kubernetes-validate: pip install 'fairway[sandbox]'")
    folder = Path(found.origin).parent / "kubernetes-json-schema" / f"v{VERSION}.0-local"
    definitions: dict[str, Node] = orjson.loads((folder / "_definitions.json").read_bytes())["$defs"]
    return definitions


class Schema:
    def __init__(self, kinds: set[tuple[str, str]]) -> None:
        """Keeps what the kinds, given as (apiVersion, kind), reach."""
        definitions = read_definitions()
        self._names: dict[tuple[str, str], str] = {}
        for name, definition in definitions.items():
            for gvk in definition.get("x-kubernetes-group-version-kind", ()):
                version = f"{gvk['group']}/{gvk['version']}" if gvk["group"] else gvk["version"]
                if (version, gvk["kind"]) in kinds:
                    self._names.setdefault((version, gvk["kind"]), name)
        self._definitions = {
            name: _without_descriptions(definitions[name]) for name in reachable(definitions, self._names.values())
        }
        self._resolved: dict[int, tuple[Node, Node]] = {}

    def root(self, api_version: str, kind: str) -> Node | None:
        name = self._names.get((api_version, kind))
        return self._definitions[name] if name else None

    def definition(self, name: str) -> Node | None:
        return self._definitions.get(name)

    def name(self, api_version: str, kind: str) -> str | None:
        return self._names.get((api_version, kind))

    def property(self, node: Node | None, name: str) -> Node | None:
        if not node:
            return None
        if name in (node.get("properties") or {}):
            return self.resolve(node["properties"][name])
        more = node.get("additionalProperties")
        return self.resolve(more) if isinstance(more, dict) else None

    def items(self, node: Node | None) -> Node | None:
        return self.resolve(node["items"]) if node and isinstance(node.get("items"), dict) else None

    def resolve(self, node: Node) -> Node:
        """What the node refers to, with what it says itself."""
        name = reference(node)
        if name is None:
            return node
        hit = self._resolved.get(id(node))
        if hit is None:
            target = self._definitions[name]
            extensions = {k: v for k, v in node.items() if k.startswith("x-kubernetes")}
            hit = self._resolved[id(node)] = (node, {**target, **extensions} if extensions else target)
        return hit[1]


def reference(node: Node) -> str | None:
    """The definition that a node stands for."""
    found = node.get("$ref")
    if found is None and len(node.get("allOf") or ()) == 1:
        found = node["allOf"][0].get("$ref")
    return found.rsplit("/", 1)[1] if found else None


def reachable(definitions: dict[str, Node], names: Any) -> set[str]:
    """The names and all that they refer to."""
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found and name in definitions:
            found.add(name)
            todo += references(definitions[name])
    return found


def references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [name for item in node for name in references(item)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"].rsplit("/", 1)[1]] if isinstance(node.get("$ref"), str) else []
    return own + [name for item in node.values() for name in references(item)]


def _without_descriptions(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: _without_descriptions(v) for k, v in node.items() if k != "description" or not isinstance(v, str)}
    return [_without_descriptions(v) for v in node] if isinstance(node, list) else node
