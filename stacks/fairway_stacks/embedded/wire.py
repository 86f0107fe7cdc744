"""Property values on the SDK's wire: protobuf Structs."""

from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2

from fairway_stacks.state.values import (
    OUTPUT_SIGNATURE,
    SECRET_SIGNATURE,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_TEXT,
    Properties,
    Secret,
)

# One sentinel for each type of unknown; the SDKs send the first.
UNKNOWNS = {
    UNKNOWN_TEXT,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
}
EXACT = 2**53


def read(struct: Any) -> Properties:
    """Null properties are dropped, as Pulumi does."""
    return {key: value for key, part in struct.fields.items() if (value := _read_value(part)) is not None}


def write(properties: Mapping[str, Any], *, secrets: bool = True) -> Any:
    """secrets: whether the other side understands them."""
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        _write_value(struct.fields[key], value, secrets)
    return struct


def _read_value(value: Any) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value in UNKNOWNS else value.string_value
        case "number_value":
            number = value.number_value
            return int(number) if number == int(number) and abs(number) < EXACT else number
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [_read_value(part) for part in value.list_value.values]
        case "struct_value":
            return _read_nested(value.struct_value)
    return None


def _read_nested(struct: Any) -> Any:
    found = read(struct)
    if found.get(SIGNATURE) == SECRET_SIGNATURE:
        return _secret(found.get("value"))
    if found.get(SIGNATURE) == OUTPUT_SIGNATURE:
        value = found.get("value", UNKNOWN)
        return _secret(value) if found.get("secret") else value
    return found


def _secret(value: Any) -> Secret:
    return value if isinstance(value, Secret) else Secret(value)


def _write_value(to: Any, value: Any, secrets: bool) -> None:
    if value is UNKNOWN:
        to.string_value = UNKNOWN_TEXT
    elif isinstance(value, Secret):
        if not secrets:
            _write_value(to, value.value, secrets)
            return
        to.struct_value.fields[SIGNATURE].string_value = SECRET_SIGNATURE
        _write_value(to.struct_value.fields["value"], value.value, secrets)
    elif value is None:
        to.null_value = 0
    elif isinstance(value, bool):
        to.bool_value = value
    elif isinstance(value, (int, float)):
        to.number_value = value
    elif isinstance(value, str):
        to.string_value = value
    elif isinstance(value, Mapping):
        to.struct_value.SetInParent()
        for key, part in value.items():
            _write_value(to.struct_value.fields[key], part, secrets)
    else:
        to.list_value.SetInParent()
        for part in value:
            _write_value(to.list_value.values.add(), part, secrets)
