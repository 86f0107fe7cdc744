"""Objects out of requests: read, held to their schema, and refused in a real server's words."""

import base64
import re
from typing import Any

import orjson

from fairway_sandbox import go_names
from fairway_sandbox.api.negotiation import JSON, YAML
from fairway_sandbox.api.request import Request
from fairway_sandbox.api.rooms import Rooms
from fairway_sandbox.errors import ApiError, bad_request
from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json
from fairway_sandbox.patches import places
from fairway_sandbox.quantities import canonical
from fairway_sandbox.validation import Findings, Place, Validation

SCHEME = "pkg/api/legacyscheme/scheme.go:30"
TYPE_STRUCT = r'struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }'
SUMMARY = 30
NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=]|=(?=[^=])")


def read(rooms: Rooms, request: Request, kind: Kind) -> Json:
    """The request's object for a create or an update, checked."""
    if request.content_type not in ("", JSON, YAML):
        accepted = f"accepted media types include: {JSON}, {YAML}"
        message = f"the body of the request was in an unknown format - {accepted}"
        raise ApiError(415, "UnsupportedMediaType", message)
    return checked(rooms, request, kind, _parsed(request, kind))


def _parsed(request: Request, kind: Kind) -> Json:
    try:
        body = request.parsed()
    except orjson.JSONDecodeError as error:
        fault = json_fault(request.content, error)
    except ValueError as error:
        fault = str(error)
    else:
        if isinstance(body, dict):
            return body
        fault = f"json: cannot unmarshal {_word(body)} into Go value of type {TYPE_STRUCT}"
    told = f"couldn't get version/kind; json parse error: {fault} ({_summary(request.content)})"
    raise bad_request(f"the object provided is unrecognized (must be of type {kind.kind}): {told}")


def json_fault(raw: bytes, error: orjson.JSONDecodeError) -> str:
    """What is wrong with the text, in Go's words."""
    text = raw.decode(errors="replace")
    if error.pos >= len(text.rstrip()):
        return "unexpected end of JSON input"
    return f"invalid character '{text[error.pos]}' looking for beginning of value"


def _summary(raw: bytes) -> str:
    if not raw:
        return "<empty>"
    shown = raw[:SUMMARY].decode(errors="replace") if raw[:1] == b"{" else raw[:SUMMARY].hex()
    return shown + (" ..." if len(raw) > SUMMARY else "")


def checked(rooms: Rooms, request: Request, kind: Kind, obj: Json) -> Json:
    """The object once its types hold, quantities in their usual form; unknown fields are refused, or told and removed,
    as the caller wishes."""
    unhandled = _require_kind(rooms, kind, obj)
    findings = _findings(rooms, kind, obj, unhandled)
    policy = request.query.get("fieldValidation") or "Warn"
    told = [f'unknown field "{places.dotted(path)}"' for path in findings.unknown]
    if told and policy == "Strict":
        raise bad_request(f"{unhandled}: strict decoding error: {', '.join(told)}")
    for path in findings.unknown:
        _prune(obj, path)
    if policy == "Warn":
        request.warnings += [text.replace('"', '\\"') for text in told]
    return obj


def declared(rooms: Rooms, kind: Kind, config: Json) -> Json:
    """The same for an apply, which says its type itself and takes no unknown field."""
    group, _, version = (config.get("apiVersion") or "").rpartition("/")
    if not version or not config.get("kind"):
        raise bad_request(f"invalid object type: {group}/{version}, Kind={config.get('kind') or ''}")
    findings = _findings(rooms, kind, config, _require_kind(rooms, kind, config))
    if findings.unknown:
        node = rooms.schema.root(kind.api_version, kind.kind)
        told = [
            f"{places.keyed(rooms.schema, node, config, p)}: field not declared in schema" for p in findings.unknown
        ]
        meta = config.get("metadata") or {}
        what = f"{meta.get('namespace') or ''}/{meta.get('name') or ''}; {kind.api_version}, Kind={kind.kind}"
        why = told[0] if len(told) == 1 else "errors:\n" + "\n".join(f"  {one}" for one in told)
        raise ApiError(500, "", f"failed to create typed patch object ({what}): {why}")
    return config


def _require_kind(rooms: Rooms, kind: Kind, obj: Json) -> str:
    """How a refusal of the object begins. Raises 400 where it is of another kind."""
    version, name = obj.get("apiVersion") or kind.api_version, obj.get("kind") or kind.kind
    unhandled = f'{name} in version "{version.rpartition("/")[2]}" cannot be handled as a {kind.kind}'
    if (version, name) == (kind.api_version, kind.kind):
        return unhandled
    if (version, name) not in rooms.kinds.by_name:
        raise bad_request(f'{unhandled}: no kind "{name}" is registered for version "{version}" in scheme "{SCHEME}"')
    inner = f"{kind.group.partition('.')[0] or 'core'}.{kind.kind}"
    given = f"{version.rpartition('/')[2]}.{name}"
    raise bad_request(f"{unhandled}: converting ({given}) to ({inner}): unknown conversion")


def _findings(rooms: Rooms, kind: Kind, obj: Json, unhandled: str) -> Findings:
    validation = Validation(rooms.schema)
    validation.validate(rooms.schema.root(kind.api_version, kind.kind), obj)
    findings = validation.found
    if findings.wrong:
        path, value = findings.wrong[0]
        field, wanted = go_names.place(rooms.schema, kind, path)
        raise bad_request(
            f"{unhandled}: json: cannot unmarshal {_word(value)} into Go struct field {field} of type {wanted}"
        )
    for holder, name in findings.quantities:
        try:
            holder[name] = canonical(str(holder[name]))
        except ValueError as error:
            raise bad_request(f"{unhandled}: {error}") from error
    for text in findings.encoded:
        try:
            base64.b64decode(text, validate=True)
        except ValueError as error:
            raise bad_request(f"{unhandled}: illegal base64 data at input byte {_illegal(text)}") from error
    return findings


def _illegal(text: str) -> int:
    """Where it stops to be base64."""
    found = NOT_BASE64.search(text)
    return found.start() if found else len(text) // 4 * 4


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, float):
        return f"number {value}"
    return {str: "string", int: "number", list: "array", dict: "object"}.get(type(value), "null")


def _prune(obj: Any, path: Place) -> None:
    for token in path[:-1]:
        obj = obj[token]
    obj.pop(path[-1], None)
