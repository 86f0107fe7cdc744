"""Columns that a custom kind's definition asks for."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from fairway_sandbox.objects import Json, seconds_since
from fairway_sandbox.tables import cells
from fairway_sandbox.tables.column import NAME, Column, Columns

STEP = re.compile(
    r"""\.(?P<field>(?:\\.|[^.\[\]\\])+) | \['(?P<quoted>[^']*)'\] | \[(?P<place>\d+|\*)\]
    | \[\?\(@\.(?P<key>[\w.]+)\s*==\s*["']?(?P<wanted>[^"')]*)["']?\)\]""",
    re.VERBOSE,
)
AGE: Json = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
Step = Callable[[Any], list[Any]]


def columns(definition: Json) -> Columns:
    """definition: one version of a CustomResourceDefinition."""
    return (NAME, *(_column(one) for one in definition.get("additionalPrinterColumns") or [AGE]))


def _column(wish: Json) -> Column:
    kind, path = wish["type"], wish["jsonPath"]
    told = wish.get("format", ""), wish.get("description", "")
    return Column(wish["name"], lambda obj: _cell(kind, values(obj, path)), kind, wish.get("priority", 0), *told)


def _cell(kind: str, found: list[Any]) -> Any:
    if not found or found[0] is None:
        return None
    if kind == "date":
        return cells.duration(seconds_since(found[0]))
    return " ".join(map(str, found)) if kind == "string" else found[0]


def values(obj: Any, path: str) -> list[Any]:
    """What a JSONPath of fields, places and simple filters leads to."""
    found = [obj]
    for step in _steps(path):
        found = [value for one in found for value in step(one)]
    return found


@lru_cache(maxsize=512)
def _steps(path: str) -> tuple[Step, ...]:
    return tuple(_step(match) for match in STEP.finditer(path))


def _step(match: "re.Match[str]") -> Step:
    field = match["quoted"] or re.sub(r"\\(.)", r"\1", match["field"] or "")
    if field:
        return lambda value: [value[field]] if isinstance(value, dict) and field in value else []
    place, key, wanted = match["place"], match["key"], match["wanted"]
    if place == "*":
        return lambda value: list(value.values() if isinstance(value, dict) else value or ())
    if place:
        return lambda value: value[int(place) : int(place) + 1] if isinstance(value, list) else []
    return lambda value: [one for one in value or () if wanted in map(str, values(one, f".{key}"))]
