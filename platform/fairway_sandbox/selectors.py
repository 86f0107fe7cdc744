"""Label and field selectors: parsed once, then asked of many objects."""

import re
from collections.abc import Callable, Iterable

from fairway_sandbox.errors import bad_request
from fairway_sandbox.objects import Json

Requirement = tuple[str, str, tuple[str, ...]]
Predicate = Callable[[Json], bool]

_TERM = re.compile(
    r"^\s*(!?)\s*([A-Za-z0-9._/-]+)\s*(?:(=|==|!=|>|<)\s*([^,\s]*)|\s+(in|notin|exists)\s*(?:\(([^)]*)\))?)?\s*$"
)
_FIELD = re.compile(r"^([^!=]+)(!=|==|=)(.*)$")
_SIGNS = {"=": "in", "==": "in", "!=": "notin", ">": "gt", "<": "lt"}
_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "notexists"}


def parse_labels(text: str | None) -> list[Requirement]:
    return [_requirement(part) for part in re.split(r",(?![^(]*\))", text or "") if part.strip()]


def _requirement(part: str) -> Requirement:
    match = _TERM.match(part)
    if not match:
        raise bad_request(f"unable to parse requirement: found '{part}'")
    negated, key, sign, value, word, values = match.groups()
    if negated:
        return key, "notexists", ()
    if sign:
        return key, _SIGNS[sign], (value,)
    if word and word != "exists":
        return key, word, tuple(v.strip() for v in (values or "").split(","))
    return key, "exists", ()


def of_object(selector: Json | None) -> list[Requirement] | None:
    """The requirements of a LabelSelector or of a Service's plain map; None selects nothing."""
    if selector is None:
        return None
    if "matchLabels" in selector or "matchExpressions" in selector:
        equal: list[Requirement] = [(k, "in", (v,)) for k, v in (selector.get("matchLabels") or {}).items()]
        for e in selector.get("matchExpressions") or []:
            equal.append((e["key"], _OPERATORS[e["operator"]], tuple(e.get("values") or ())))
        return equal
    return [(k, "in", (v,)) for k, v in selector.items()]


def selects(requirements: Iterable[Requirement] | None, labels: Json | None) -> bool:
    if requirements is None:
        return False
    return all(_meets(requirement, labels or {}) for requirement in requirements)


def _meets(requirement: Requirement, labels: Json) -> bool:
    key, operator, values = requirement
    value = labels.get(key)
    match operator:
        case "in":
            return value is not None and value in values
        case "notin":
            return value is None or value not in values
        case "exists":
            return value is not None
        case "notexists":
            return value is None
    if value is None or not value.lstrip("-").isdigit() or not values[0].lstrip("-").isdigit():
        return False
    return int(value) > int(values[0]) if operator == "gt" else int(value) < int(values[0])


def parse_fields(text: str | None) -> list[tuple[list[str], bool, str]]:
    """(path, whether equal is wanted, value) of each term."""
    terms = []
    for part in (text or "").split(","):
        if not part:
            continue
        match = _FIELD.match(part)
        if not match:
            raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
        terms.append((match.group(1).split("."), match.group(2) != "!=", match.group(3)))
    return terms


def predicate(labels: str | None, fields: str | None) -> Predicate | None:
    """One question for both selectors of a request; None when it asks nothing."""
    requirements, terms = parse_labels(labels), parse_fields(fields)
    if not requirements and not terms:
        return None
    return lambda obj: selects(requirements, obj["metadata"].get("labels")) and _has_fields(terms, obj)


def _has_fields(terms: list[tuple[list[str], bool, str]], obj: Json) -> bool:
    for path, equal, wanted in terms:
        value: object = obj
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        if (text == wanted) != equal:
            return False
    return True
