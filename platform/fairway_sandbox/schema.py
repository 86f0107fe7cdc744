"""The OpenAPI definitions of Kubernetes, walked with typed steps by patches, apply and validation.

They come from the package `kubernetes-validate`; descriptions are left out in memory and read again when asked for.
"""

import importlib.util
from pathlib import Path
from typing import Any

import orjson

from fairway_sandbox.objects import Json

VERSION = "1.34"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
Node = Json
Place = tuple[str | int, ...]
GO = {"string": "string", "boolean": "bool", "number": "float64"}
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}


def read_definitions() -> dict[str, Node]:
    """Every definition with its descriptions."""
    found = importlib.util.find_spec("kubernetes_validate")
    if found is None or found.origin is None:
        raise SystemExit("the sandbox needs the package kubernetes-validate: pip install 'fairway[sandbox]'")
    folder = Path(found.origin).parent / "kubernetes-json-schema" / f"v{VERSION}.0-local"
    definitions: dict[str, Node] = orjson.loads((folder / "_definitions.json").read_bytes())["$defs"]
    return definitions


class Findings:
    """What validation found: unknown fields, values of a wrong type, and quantities as (holder, name)."""

    def __init__(self) -> None:
        self.unknown: list[Place] = []
        self.wrong: list[tuple[Place, Any]] = []
        self.quantities: list[tuple[Json, str]] = []


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
        self._quantity = self._definitions.get(QUANTITY)
        self._resolved: dict[int, tuple[Node, Node]] = {}

    def root(self, api_version: str, kind: str) -> Node | None:
        name = self._names.get((api_version, kind))
        return self._definitions[name] if name else None

    def name(self, api_version: str, kind: str) -> str | None:
        return self._names.get((api_version, kind))

    def property(self, node: Node | None, name: str) -> Node | None:
        if not node:
            return None
        if name in (node.get("properties") or {}):
            return self._resolve(node["properties"][name])
        more = node.get("additionalProperties")
        return self._resolve(more) if isinstance(more, dict) else None

    def items(self, node: Node | None) -> Node | None:
        return self._resolve(node["items"]) if node and isinstance(node.get("items"), dict) else None

    def _resolve(self, node: Node) -> Node:
        reference = _reference(node)
        if reference is None:
            return node
        hit = self._resolved.get(id(node))
        if hit is None:
            target = self._definitions[reference]
            extensions = {k: v for k, v in node.items() if k.startswith("x-kubernetes")}
            hit = self._resolved[id(node)] = (node, {**target, **extensions} if extensions else target)
        return hit[1]

    def typed(self, api_version: str, kind: str, path: Place) -> tuple[str, list[str], str]:
        """Where a path leads in Go's words: the last struct on it, the fields on it, and the type at its end."""
        name: str | None = self._names[(api_version, kind)]
        node, struct, fields = self._definitions[name or ""], "", []
        for token in path:
            if isinstance(token, str) and token in (node.get("properties") or {}):
                struct = (name or "").rsplit(".", 1)[-1] or struct
                fields.append(token)
                raw = node["properties"][token]
            else:
                raw = node["items"] if isinstance(token, int) else node["additionalProperties"]
            name, node = _reference(raw), self._resolve(raw)
        return struct, fields, self._go(name, node)

    def _go(self, name: str | None, node: Node) -> str:
        if name and "properties" in node:
            return ".".join(name.rsplit(".", 2)[1:])
        wanted = _type(node)
        for inner, form in ((node.get("items"), "[]"), (node.get("additionalProperties"), "map[string]")):
            if isinstance(inner, dict):
                return form + self._go(_reference(inner), self._resolve(inner))
        return GO.get(wanted or "") or (node.get("format", "int64") if wanted == "integer" else str(wanted))

    def validate(self, node: Node | None, given: Any, findings: Findings, path: Place = ()) -> None:
        value: Any = given
        if node is None or value is None or "oneOf" in node or "anyOf" in node or node.get("format") == "int-or-string":
            return
        wanted = "object" if "properties" in node else _type(node)
        if wanted is None:
            return
        if not isinstance(given, TYPES[wanted]) or (isinstance(value, bool) and wanted in ("integer", "number")):
            findings.wrong.append((path, value))
        elif wanted == "object":
            self._validate_fields(node, value, findings, path)
        elif wanted == "array":
            item = self.items(node)
            for index, element in enumerate(value):
                self.validate(item, element, findings, (*path, index))

    def _validate_fields(self, node: Node, value: Json, findings: Findings, path: Place) -> None:
        known, more = node.get("properties"), node.get("additionalProperties")
        for name, element in value.items():
            place = (*path, name)
            if (known and name in known) or isinstance(more, dict):
                inner = self.property(node, name)
                if inner is self._quantity and isinstance(element, str | int | float):
                    findings.quantities.append((value, name))
                else:
                    self.validate(inner, element, findings, place)
            elif known is not None and not more and not node.get("x-kubernetes-preserve-unknown-fields"):
                findings.unknown.append(place)


def _reference(node: Node) -> str | None:
    """The definition that a node stands for."""
    reference = node.get("$ref")
    if reference is None and len(node.get("allOf") or ()) == 1:
        reference = node["allOf"][0].get("$ref")
    return reference.rsplit("/", 1)[1] if reference else None


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


def _type(node: Node) -> str | None:
    kinds = node.get("type")
    if isinstance(kinds, list):
        kinds = [k for k in kinds if k != "null"]
        kinds = kinds[0] if len(kinds) == 1 else None
    return kinds if kinds in TYPES else None


def _without_descriptions(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: _without_descriptions(v) for k, v in node.items() if k != "description" or not isinstance(v, str)}
    return [_without_descriptions(v) for v in node] if isinstance(node, list) else node
