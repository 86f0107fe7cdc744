"""The OpenAPI v2 document in protobuf, in which clients written in Go ask for it.

The numbers are those of the fields in `openapiv2/OpenAPIv2.proto` of github.com/google/gnostic-models.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from fairway_sandbox.objects import Json

TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
METHODS = {"get": 2, "put": 3, "post": 4, "delete": 5, "patch": 8}
TEXTS = {"$ref": 1, "format": 2, "title": 3, "description": 4}
DELIMITED = 2


def document(given: Json) -> bytes:
    """The bytes of a document of what `schema.py` knows: info, paths with their operations, definitions."""
    info = _text(1, given["info"]["title"]) + _text(2, given["info"]["version"])
    paths = b"".join(_named(2, path, _path(item)) for path, item in given["paths"].items())
    definitions = b"".join(_named(1, name, _schema(node)) for name, node in given["definitions"].items())
    return _text(1, given["swagger"]) + _part(2, info) + _part(8, paths) + _part(9, definitions)


def _path(item: Mapping[str, Any]) -> bytes:
    return b"".join(_part(METHODS[method], _operation(operation)) for method, operation in item.items())


def _operation(given: Mapping[str, Any]) -> bytes:
    parameters = b"".join(_part(8, _parameter(one)) for one in given["parameters"])
    responses = b"".join(
        _named(1, code, _part(1, _text(1, response["description"]))) for code, response in given["responses"].items()
    )
    return parameters + _part(9, responses) + _extensions(13, given)


def _parameter(given: Mapping[str, Any]) -> bytes:
    """A parameter of the query."""
    shape = _text(2, given["in"]) + _text(4, given["name"]) + _text(6, given["type"])
    return _part(1, _part(2, _part(3, shape + _flag(20, given.get("uniqueItems", False)))))


def _schema(node: Mapping[str, Any]) -> bytes:
    made = [_text(number, node[name]) for name, number in TEXTS.items() if name in node]
    if "default" in node:
        made.append(_part(5, _any(node["default"])))
    made += [_text(19, name) for name in node.get("required", ())]
    made += [_part(20, _any(value)) for value in node.get("enum", ())]
    more = node.get("additionalProperties")
    if isinstance(more, Mapping):
        made.append(_part(21, _part(1, _schema(more))))
    elif more is not None:
        made.append(_part(21, _flag(2, more)))
    if "type" in node:
        made.append(_part(22, _text(1, node["type"])))
    if "items" in node:
        made.append(_part(23, _part(1, _schema(node["items"]))))
    made += [_part(24, _schema(one)) for one in node.get("allOf", ())]
    if "properties" in node:
        properties = b"".join(_named(1, name, _schema(one)) for name, one in node["properties"].items())
        made.append(_part(25, properties))
    return b"".join(made) + _extensions(31, node)


def _extensions(number: int, node: Mapping[str, Any]) -> bytes:
    found: Iterable[tuple[str, Any]] = ((name, value) for name, value in node.items() if name.startswith("x-"))
    return b"".join(_named(number, name, _any(value)) for name, value in found)


def _any(value: Any) -> bytes:
    """As YAML, of which JSON is a part."""
    return _part(2, orjson.dumps(value))


def _named(number: int, name: str, value: bytes) -> bytes:
    return _part(number, _text(1, name) + _part(2, value))


def _text(number: int, text: str) -> bytes:
    return _part(number, text.encode())


def _part(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | DELIMITED) + _varint(len(content)) + content


def _flag(number: int, value: bool) -> bytes:
    return _varint(number << 3) + _varint(int(value))


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    made.append(value)
    return bytes(made)
