"""Form fields made from an offering's JSON Schema, and parameters read back from the form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fairway.errors import Invalid
from fairway_catalog import Offering, coerce
from fairway_ui import shell

PREFIX = "parameters-"
WANTED_EMPTY = ("array", "object")


@dataclass(frozen=True)
class Field:
    """kind: `choice`, `check`, `number`, `text`, `lines`, `pairs` or `files`. files: (path, text), one more to add."""

    id: str
    name: str
    kind: str
    label: str
    hint: str
    value: str
    fixed: bool
    required: bool
    options: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    example: str = ""
    files: Sequence[tuple[str, str]] = ()


def of(offering: Offering, present: Mapping[str, Any]) -> list[Field]:
    """present: the parameters so far, or what was typed; defaults where there is none."""
    required = offering.parameters.get("required", [])
    properties: Mapping[str, Mapping[str, Any]] = offering.parameters["properties"]
    return [_field(name, schema, present, name in required) for name, schema in properties.items()]


def read(offering: Offering, form: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that the form holds. What is empty is None, which takes the default again."""
    found: dict[str, Any] = {}
    for name, schema in offering.parameters["properties"].items():
        field, kind = PREFIX + name, _kind(name, schema)
        if kind == "check":
            found[name] = field in form if f"{field}-shown" in form else None
        elif kind == "files":
            found[name] = _files(form, field)
        elif field in form:
            found[name] = _value(offering, name, kind, str(form[field]))
    return {name: value for name, value in found.items() if value is not None or name in found}


def _field(name: str, schema: Mapping[str, Any], present: Mapping[str, Any], required: bool) -> Field:
    kind = _kind(name, schema)
    value = present.get(name)
    value = schema.get("default", "") if value is None else value
    return Field(
        id=PREFIX + name,
        name=name,
        kind=kind,
        label=schema.get("title", name),
        hint=schema.get("description", ""),
        value=_written(kind, value),
        fixed=bool(schema.get("x-immutable")),
        required=required,
        options=tuple(map(str, schema.get("enum", ()))),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        example=_written(kind, next(iter(schema.get("examples", ())), "")),
        files=[*value.items(), ("", "")] if kind == "files" and isinstance(value, Mapping) else (),
    )


def _kind(name: str, schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return "choice"
    if name == "files" and schema.get("type") == "object":
        return "files"
    kinds = {"boolean": "check", "integer": "number", "number": "number", "array": "lines", "object": "pairs"}
    return kinds.get(str(schema.get("type")), "text")


def _written(kind: str, value: Any) -> str:
    if kind == "lines" and isinstance(value, list):
        return "\n".join(map(str, value))
    if kind == "pairs" and isinstance(value, Mapping):
        return "\n".join(f"{key}={_quoted(str(text))}" for key, text in value.items())
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if isinstance(value, (Mapping, list)) else str(value)


def _quoted(text: str) -> str:
    """As it is, or as a JSON string where a line would not hold it."""
    return (
        json.dumps(text, ensure_ascii=False) if "\n" in text or text.startswith('"') or text != text.strip() else text
    )


def _value(offering: Offering, name: str, kind: str, raw: str) -> Any:
    if kind == "lines":
        return [line.rstrip("\r") for line in raw.split("\n") if line.strip()]
    if kind == "pairs":
        return _pairs(name, raw)
    return coerce(offering, {name: raw.strip()})[name] if raw.strip() else None


def _pairs(name: str, raw: str) -> dict[str, str]:
    found = {}
    for number, line in enumerate(filter(str.strip, raw.splitlines()), 1):
        key, sign, value = line.partition("=")
        if not sign:
            raise Invalid.field(f"/parameters/{name}", f"Line {number} has no =; write NAME=value, a pair a line")
        found[key.strip()] = _unquoted(value.strip())
    return found


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        try:
            return str(json.loads(value))
        except ValueError:
            return value
    return value


def _files(form: Mapping[str, Any], field: str) -> dict[str, str] | None:
    """Pairs of `<field>-name` and `<field>-text`, in order."""
    if f"{field}-name" not in form:
        return None
    names, texts = shell.many(form, f"{field}-name"), shell.many(form, f"{field}-text")
    return {n.strip(): t.replace("\r\n", "\n") for n, t in zip(names, texts, strict=False) if n.strip()}
