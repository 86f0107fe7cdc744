"""`--set KEY=VALUE`: words become the types that the offering's schema asks for."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fairway.cli.failure import usage

LARGEST_FOLDER = 2**20


def pairs(option: str, words: Iterable[str]) -> dict[str, str]:
    found = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not sign or not key:
            raise usage(f"{option} {word}: write {option} KEY=VALUE")
        found[key] = value
    return found


def parse(words: Iterable[str], schema: Mapping[str, Any], present: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """schema: of the offering's parameters. `KEY.PART=VALUE` changes one part of an object that `present` has; a name
    that the schema does not know goes to the server, which says what it knows."""
    properties = schema.get("properties", {})
    found: dict[str, Any] = {}
    for key, text in pairs("--set", words).items():
        name, dot, part = key.partition(".")
        if dot and properties.get(name, {}).get("type") == "object":
            found.setdefault(name, dict((present or {}).get(name) or {}))[part] = text
        else:
            found[key] = _typed(key, text, properties.get(key, {}))
    return found


def _typed(key: str, text: str, schema: Mapping[str, Any]) -> Any:
    kind = schema.get("type", "string")
    if kind == "string":
        return text
    if kind == "boolean" and text in ("yes", "no", "on", "off"):
        return text in ("yes", "on")
    try:
        return json.loads(text)
    except ValueError as error:
        example = {"boolean": "true", "integer": "3", "number": "0.5", "array": '["a"]'}.get(kind, '{"a": "b"}')
        raise usage(f"--set {key}={text}: {key} is of type {kind}", f"Write it like {key}={example}.") from error


def folder(path: str) -> dict[str, str]:
    """The text files below a folder, by their relative path."""
    root, found, size = Path(path), dict[str, str](), 0
    for file in sorted(p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        try:
            text = file.read_text()
        except UnicodeDecodeError as error:
            raise usage(f"--files: {file} is no text file") from error
        size += len(text.encode())
        if size > LARGEST_FOLDER:
            raise usage(f"--files: {path} holds more than 1 MiB")
        found[file.relative_to(root).as_posix()] = text
    if not found:
        raise usage(f"--files: there is no file in {path}")
    return found
