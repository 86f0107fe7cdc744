"""What the API answers when it cannot do what was asked: a Kubernetes Status."""

from collections.abc import Mapping
from typing import Any

import orjson

from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json

STORED_AS = {"services": "services/specs", "endpoints": "services/endpoints", "nodes": "minions"}


class ApiError(Exception):
    """An answer with a status code, a machine's reason and a person's message."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        details: Json | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.reason, self.message = code, reason, message
        self.details, self.headers = details, dict(headers or {})

    def status(self) -> Json:
        status: Json = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        status |= {"message": self.message, "code": self.code, **({"reason": self.reason} if self.reason else {})}
        if self.details is not None:
            status["details"] = self.details
        return status


def details(kind: Kind, name: str) -> Json:
    return {"name": name, **({"group": kind.group} if kind.group else {}), "kind": kind.plural}


def not_found(kind: Kind, name: str) -> ApiError:
    return ApiError(404, "NotFound", f'{kind.key} "{name}" not found', details(kind, name))


def no_such_resource() -> ApiError:
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def no_such_method() -> ApiError:
    return ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def already_exists(kind: Kind, name: str) -> ApiError:
    return ApiError(409, "AlreadyExists", f'{kind.key} "{name}" already exists', details(kind, name))


def conflict(kind: Kind, name: str, why: str = "") -> ApiError:
    why = why or "the object has been modified; please apply your changes to the latest version and try again"
    return ApiError(
        409, "Conflict", f'Operation cannot be fulfilled on {kind.key} "{name}": {why}', details(kind, name)
    )


def another(kind: Kind, meta: Json, uid: str) -> ApiError:
    """A replacement is another object's, as the storage of a real server puts it."""
    plural = STORED_AS.get(kind.key, kind.plural if kind.definition is None else f"{kind.group}/{kind.plural}")
    place = "/".join(["/registry", plural, *filter(None, [meta.get("namespace")]), meta["name"]])
    why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {meta['uid']}"
    told = f"StorageError: invalid object, Code: 4, Key: {place}, ResourceVersion: 0, AdditionalErrorMsg: {why}"
    return conflict(kind, meta["name"], told)


def bad_request(message: str) -> ApiError:
    return ApiError(400, "BadRequest", message)


def expired(message: str) -> ApiError:
    return ApiError(410, "Expired", message)


def unsupported_media_type() -> ApiError:
    return ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})


def invalid(kind: Kind, name: str, causes: list[tuple[str, str]]) -> ApiError:
    """422 with a field path and a sentence for each cause."""
    return _invalid(kind.kind, kind.group, name, causes)


def invalid_options(kind: str, causes: list[tuple[str, str]]) -> ApiError:
    """The same for what a request's query asks."""
    return _invalid(kind, "meta.k8s.io", "", causes)


def _invalid(kind: str, group: str, name: str, causes: list[tuple[str, str]]) -> ApiError:
    told = list(dict.fromkeys(f"{field}: {message}" for field, message in causes))
    title = f"{kind}.{group}" if group else kind
    message = f'{title} "{name}" is invalid: ' + (told[0] if len(told) == 1 else f"[{', '.join(told)}]")
    listed = [{"reason": _reason(message), "message": message, "field": field} for field, message in causes]
    named = {**({"name": name} if name else {}), **({"group": group} if group else {}), "kind": kind}
    return ApiError(422, "Invalid", message, {**named, "causes": listed})


REASONS = {
    "Required value": "FieldValueRequired",
    "Forbidden": "FieldValueForbidden",
    "Unsupported value": "FieldValueNotSupported",
    "Duplicate value": "FieldValueDuplicate",
    "Too long": "FieldValueTooLong",
    "Too many": "FieldValueTooMany",
    "Not found": "FieldValueNotFound",
}


def _reason(message: str) -> str:
    return REASONS.get(message.partition(":")[0], "FieldValueInvalid")


def quoted(value: Any) -> str:
    """A value as it stands in messages."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
