"""JSON patch, RFC 6902."""

from typing import Any

from fairway_sandbox.errors import ApiError, bad_request
from fairway_sandbox.objects import copied

GENERIC = "the server rejected our request due to an error in our request"


class _Impossible(Exception):
    """A path that is not there, or a test that does not hold."""


def apply(target: Any, operations: Any) -> Any:
    """The target with the operations done in order; the target itself stays as it was. None, which is what clients in
    Go make of a list without elements, does nothing."""
    if not isinstance(operations, list | None):
        given = {dict: "object", str: "string", bool: "bool"}.get(type(operations), "number")
        raise bad_request(
            f"error decoding patch: json: cannot unmarshal {given} into Go value of type []handlers.jsonPatchOp"
        )
    operations = operations or []
    if not all(isinstance(operation, dict) and "op" in operation for operation in operations):
        raise bad_request("error decoding patch: a JSON patch is a list of operations")
    result = copied(target)
    try:
        for operation in operations:
            result = _one(result, operation)
    except (_Impossible, KeyError, IndexError, TypeError, ValueError) as error:
        raise ApiError(422, "Invalid", GENERIC, {}) from error
    return result


def _one(document: Any, operation: dict[str, Any]) -> Any:
    path = _tokens(operation["path"])
    match operation["op"]:
        case "add":
            return _put(document, path, copied(operation["value"]), insert=True)
        case "replace":
            _get(document, path)
            return _put(document, path, copied(operation["value"]), insert=False)
        case "remove":
            return _remove(document, path)
        case "test":
            if _get(document, path) != operation["value"]:
                raise _Impossible
            return document
        case "copy":
            return _put(document, path, copied(_get(document, _tokens(operation["from"]))), insert=True)
        case "move":
            source = _tokens(operation["from"])
            value = _get(document, source)
            return _put(_remove(document, source), path, value, insert=True)
    raise _Impossible


def _tokens(pointer: str) -> list[str]:
    if pointer and not pointer.startswith("/"):
        raise _Impossible
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _get(document: Any, path: list[str]) -> Any:
    for token in path:
        document = document[_index(token)] if isinstance(document, list) else document[token]
    return document


def _put(document: Any, path: list[str], value: Any, *, insert: bool) -> Any:
    if not path:
        return value
    parent, last = _get(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        at = len(parent) if last == "-" else _index(last)
        if at > len(parent):
            raise _Impossible
        parent[at : at + (0 if insert else 1)] = [value]
    else:
        parent[last] = value
    return document


def _remove(document: Any, path: list[str]) -> Any:
    if not path:
        raise _Impossible
    parent = _get(document, path[:-1])
    del parent[_index(path[-1]) if isinstance(parent, list) else path[-1]]
    return document


def _index(token: str) -> int:
    if not token.isdigit():
        raise _Impossible
    return int(token)
