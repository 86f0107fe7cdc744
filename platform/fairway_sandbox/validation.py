"""An object against its schema: what is wrong with it, and what is to be read more closely."""

from typing import Any

from fairway_sandbox.objects import Json
from fairway_sandbox.schema import Node, Schema

QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
Place = tuple[str | int, ...]
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}


class Findings:
    """Unknown fields, values of a wrong type, quantities as (holder, name), and bytes in base64."""

    def __init__(self) -> None:
        self.unknown: list[Place] = []
        self.wrong: list[tuple[Place, Any]] = []
        self.quantities: list[tuple[Json, str]] = []
        self.encoded: list[str] = []


class Validation:
    """Of one object; what it finds is in `found`."""

    def __init__(self, schema: Schema) -> None:
        self.found = Findings()
        self._schema, self._quantity = schema, schema.definition(QUANTITY)

    def validate(self, node: Node | None, given: Any, path: Place = ()) -> None:
        value: Any = given
        if node is None or value is None or "oneOf" in node or "anyOf" in node or node.get("format") == "int-or-string":
            return
        wanted = "object" if "properties" in node else type_of(node)
        if wanted is None:
            return
        if not isinstance(given, TYPES[wanted]) or (isinstance(value, bool) and wanted in ("integer", "number")):
            self.found.wrong.append((path, value))
        elif wanted == "string":
            if node.get("format") == "byte":
                self.found.encoded.append(value)
        elif wanted == "object":
            self._validate_fields(node, value, path)
        elif wanted == "array":
            item = self._schema.items(node)
            for index, element in enumerate(value):
                self.validate(item, element, (*path, index))

    def _validate_fields(self, node: Node, value: Json, path: Place) -> None:
        known, more = node.get("properties"), node.get("additionalProperties")
        for name, element in value.items():
            place = (*path, name)
            if (known and name in known) or isinstance(more, dict):
                inner = self._schema.property(node, name)
                if inner is self._quantity and isinstance(element, str | int | float):
                    self.found.quantities.append((value, name))
                else:
                    self.validate(inner, element, place)
            elif known is not None and not more and not node.get("x-kubernetes-preserve-unknown-fields"):
                self.found.unknown.append(place)


def type_of(node: Node) -> str | None:
    kinds = node.get("type")
    if isinstance(kinds, list):
        kinds = [k for k in kinds if k != "null"]
        kinds = kinds[0] if len(kinds) == 1 else None
    return kinds if kinds in TYPES else None
