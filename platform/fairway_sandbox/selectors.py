"""Label and field selectors: parsed once, then asked of many objects."""

import re
from collections.abc import Callable, Iterable

from fairway_sandbox import label_selectors
from fairway_sandbox.errors import bad_request
from fairway_sandbox.label_selectors import Requirement
from fairway_sandbox.objects import Json, dig

Predicate = Callable[[Json], bool]

_FIELD = re.compile(r"^([^!=]+)(!=|==|=)(.*)$")
_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "notexists"}
_EVERYWHERE = ("metadata.name", "metadata.namespace")
_POINTED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
# What else may be asked of some kinds; other fields are refused.
_ASKED = {
    "Pod": (
        *("spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork"),
        *("status.phase", "status.podIP", "status.nominatedNodeName"),
    ),
    "Node": ("spec.unschedulable",),
    "Namespace": ("status.phase",),
    "Secret": ("type",),
    "Service": ("spec.clusterIP", "spec.type"),
    "Job": ("status.successful",),
    "StatefulSet": ("status.successful",),
    "Event": (*(f"involvedObject.{n}" for n in _POINTED), "reason", "reportingComponent", "source", "type"),
}
_ELSEWHERE = {"source": "source.component", "status.successful": "status.succeeded"}
_FLAGS = ("spec.hostNetwork", "spec.unschedulable")


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


def parse_fields(text: str | None, kind: str) -> list[tuple[str, bool, str]]:
    """(path, whether equal is wanted, value) of each term."""
    terms = []
    for part in (text or "").split(","):
        if not part:
            continue
        match = _FIELD.match(part)
        if not match:
            raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
        path = match.group(1)
        if path not in _EVERYWHERE and path not in _ASKED.get(kind, ()):
            raise bad_request(_unknown_field(path, kind))
        terms.append((_ELSEWHERE.get(path, path), match.group(2) != "!=", match.group(3)))
    return terms


def _unknown_field(path: str, kind: str) -> str:
    if kind in _ASKED:
        return f"field label not supported: {path}"
    return f'"{path}" is not a known field selector: only "metadata.name", "metadata.namespace"'


def predicate(labels: str | None, fields: str | None, kind: str) -> Predicate | None:
    """One question for both selectors of a request for a kind; None when it asks nothing."""
    requirements, terms = label_selectors.parse(labels or ""), parse_fields(fields, kind)
    if not requirements and not terms:
        return None
    return lambda obj: selects(requirements, obj["metadata"].get("labels")) and _has_fields(terms, obj)


def _has_fields(terms: list[tuple[str, bool, str]], obj: Json) -> bool:
    for path, equal, wanted in terms:
        value = dig(obj, path, False if path in _FLAGS else "")
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if (text == wanted) != equal:
            return False
    return True
