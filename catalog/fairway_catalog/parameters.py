"""Parameters against an offering's schema: what is wrong is said with what is allowed and a value that works."""

import json
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from fairway_catalog.offering import Offering

MOST_FILE_BYTES = 2**20


class InvalidParameters(Exception):
    """errors: (JSON pointer below the parameters, sentence), one for each wrong value."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{pointer}: {detail}" for pointer, detail in errors))
        self.errors = errors


def validate(offering: Offering, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with defaults filled in. Raises InvalidParameters."""
    properties = offering.parameters["properties"]
    filled = {n: s["default"] for n, s in properties.items() if "default" in s} | dict(parameters)
    validator = Draft202012Validator(offering.parameters, format_checker=Draft202012Validator.FORMAT_CHECKER)
    errors = [_explain(offering, error) for error in validator.iter_errors(filled)]
    errors += _check_files(filled.get("files"))
    if errors:
        raise InvalidParameters(sorted(errors))
    return filled


def coerce(offering: Offering, given: Mapping[str, str]) -> dict[str, Any]:
    """`key=value` texts as the schema's types; what cannot be converted stays text, for `validate` to explain."""
    properties = offering.parameters["properties"]
    return {name: _convert(properties.get(name, {}), text) for name, text in given.items()}


def immutable_changes(offering: Offering, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The parameters that differ though they are fixed once created."""
    return sorted(n for n in offering.immutable if n in new and n in old and old[n] != new[n])


def _convert(schema: Mapping[str, Any], text: str) -> Any:
    kind = schema.get("type")
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
        if kind in ("array", "object"):
            return json.loads(text)
    except ValueError:
        return text
    if kind == "boolean":
        return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}.get(
            text.lower(), text
        )
    return text


def _explain(offering: Offering, error: ValidationError) -> tuple[str, str]:
    pointer = "/" + "/".join(map(str, error.absolute_path))
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    instance: Any = error.instance
    works = _works(schema)
    match error.validator:
        case "required":
            missing = next(n for n in schema["required"] if n not in instance)
            example = _works(schema["properties"].get(missing, {}))
            return f"{pointer.rstrip('/')}/{missing}", f"{missing} is needed{example}"
        case "additionalProperties":
            known = ", ".join(schema.get("properties", {}))
            extra = sorted(set(instance) - set(schema.get("properties", {})))
            bad = ", ".join(extra)
            return f"{pointer.rstrip('/')}/{extra[0] if extra else ''}", f"{offering.name} has no {bad}; it has {known}"
        case "type":
            return pointer, f"{_shown(instance)} is not {_article(str(error.validator_value))}{works}"
        case "enum":
            return pointer, f"{_shown(instance)} is none of {', '.join(map(str, schema['enum']))}"
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            return pointer, f"{instance} is out of range: {_range(schema)}{works}"
        case "minLength" | "maxLength":
            low, high = schema.get("minLength", 0), schema.get("maxLength", "any number of")
            return pointer, f"it has {len(instance)} characters; {low} to {high} are allowed{works}"
        case "pattern":
            hint = schema.get("x-pattern-hint") or f"it must match {schema['pattern']}"
            return pointer, f"{_shown(instance)} is not possible: {hint}{works}"
    return pointer, error.message


def _check_files(files: Any) -> list[tuple[str, str]]:
    if not isinstance(files, Mapping):
        return []
    size = sum(len(str(text).encode()) for text in files.values())
    if size <= MOST_FILE_BYTES:
        return []
    return [("/files", f"the files have {size} bytes together; {MOST_FILE_BYTES} (1 MiB) is the most: use an image")]


def _works(schema: Mapping[str, Any]) -> str:
    example = next(iter(schema.get("examples", ())), schema.get("default"))
    return f", such as {_shown(example)}" if example not in (None, "", {}, []) else ""


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{low} to {high} are allowed"
    return f"{low} is the least" if low is not None else f"{high} is the most"


def _article(kind: str) -> str:
    words = {"integer": "a whole number", "boolean": "true or false", "object": "a map", "array": "a list"}
    return words.get(kind, f"a {kind}" if kind != "string" else "text")


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return repr(text[:60]) if isinstance(value, str) else text[:60]
