"""Types and places in Go's words, in which a real server tells what it cannot read."""

from fairway_sandbox.kinds import Kind
from fairway_sandbox.schema import Node, Schema, reference
from fairway_sandbox.validation import Place, type_of

NAMES = {"string": "string", "boolean": "bool", "number": "float64"}


def place(schema: Schema, kind: Kind, path: Place) -> tuple[str, str]:
    """A path as the last struct on it with the fields on it, and the type at its end."""
    name: str | None = schema.name(kind.api_version, kind.kind)
    node, struct, fields = schema.definition(name or "") or {}, "", []
    for token in path:
        if isinstance(token, str) and token in (node.get("properties") or {}):
            struct = (name or "").rsplit(".", 1)[-1] or struct
            fields.append(token)
            raw = node["properties"][token]
        else:
            raw = node["items"] if isinstance(token, int) else node["additionalProperties"]
        name, node = reference(raw), schema.resolve(raw)
    return ".".join([struct, *fields]), _type(schema, name, node)


def _type(schema: Schema, name: str | None, node: Node) -> str:
    if name and "properties" in node:
        return ".".join(name.rsplit(".", 2)[1:])
    wanted = type_of(node)
    for inner, form in ((node.get("items"), "[]"), (node.get("additionalProperties"), "map[string]")):
        if isinstance(inner, dict):
            return form + _type(schema, reference(inner), schema.resolve(inner))
    return NAMES.get(wanted or "") or (node.get("format", "int64") if wanted == "integer" else str(wanted))
