"""The form of a trial: its fields read into a definition, and a definition written back into fields.

A field's name is the definition's pointer with dashes: `action-count` is `/action/count`.
"""

from collections.abc import Mapping
from typing import Any

from fairway.errors import Invalid
from fairway_ui import shell

Form = Mapping[str, Any]

MODES = (
    ("fixed", "Number", "So many pods, drawn from those that are ready."),
    ("percent", "Share", "A percentage of them, rounded up."),
    ("random-max-percent", "Up to a share", "Draws the number too."),
    ("all", "All", "Every pod that is ready."),
)
METHODS = (
    ("delete", "Delete", "The pod gets its own grace period."),
    ("force", "Force", "No grace, as when a node dies."),
    ("evict", "Evict", "Asks the disruption budget, which may refuse."),
    ("pdb-probe", "Use up the budget", "Evicts as many as the disruption budget allows."),
)
ORDERS = (
    ("random", "At random"),
    ("oldest", "Oldest first"),
    ("newest", "Newest first"),
    ("name", "By name"),
    ("spread", "One per node"),
)
NUMBERS = ("baseline", "duration", "after")
DEFAULTS = {
    "action-mode": "fixed",
    "action-count": "1",
    "action-percent": "30",
    "action-method": "delete",
    "action-order": "random",
    "baseline": "30",
    "duration": "120",
    "after": "30",
}


def read(form: Form, resource_id: str, like: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What `domain.trials` takes. like: a definition whose probes are kept. Raises Invalid."""
    mode = shell.text(form, "action-mode") or "fixed"
    action: dict[str, Any] = {"mode": mode, "method": shell.text(form, "action-method") or "delete"}
    action["order"] = shell.text(form, "action-order") or "random"
    if mode == "fixed":
        action["count"] = _whole(form, "action-count")
    elif mode in ("percent", "random-max-percent"):
        action["percent"] = _number(form, "action-percent")
    seed = shell.text(form, "action-seed") or shell.text(form, "drawn")
    if seed:
        action["seed"] = int(seed) if seed.isdecimal() else seed
    for name in ("interval", "min_age"):
        action[name] = _number(form, f"action-{name}")
    spec: dict[str, Any] = {
        "resource": resource_id,
        "action": _given(action),
        "hypothesis": _hypothesis(form, like or {}),
    }
    spec |= {name: _number(form, name) for name in NUMBERS}
    if shell.text(form, "title"):
        spec["title"] = shell.text(form, "title")
    if shell.text(form, "allow_outage"):
        spec |= {"allow_outage": True, "confirm": shell.text(form, "confirm")}
    return _given(spec)


def written(definition: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a definition that was read, but its seed: another trial draws again."""
    action, hypothesis = definition.get("action", {}), definition.get("hypothesis", {})
    found = {
        f"action-{name}": action[name] for name in ("mode", "method", "order", "interval", "min_age") if name in action
    }
    if action.get("mode") in ("fixed", "one"):
        found |= {"action-mode": "fixed", "action-count": action.get("count", 1)}
    if action.get("percent"):
        found["action-percent"] = action["percent"]
    found |= {name: definition[name] for name in (*NUMBERS, "title") if name in definition}
    for name in ("recovery", "latency", "stop_after"):
        found[f"hypothesis-{name}"] = hypothesis.get(name)
    if hypothesis.get("availability") is not None:
        found["hypothesis-availability"] = 100 * hypothesis["availability"]
    return {name: _plain(value) for name, value in found.items() if value not in (None, "")}


def _hypothesis(form: Form, like: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: like["hypothesis"][name] for name in ("probe", "probes") if like.get("hypothesis", {}).get(name)
    }
    availability = _number(form, "hypothesis-availability")
    if isinstance(availability, float):
        if not 0 <= availability <= 100:
            raise Invalid.field("/hypothesis/availability", "A share of good probes is 0 to 100 %, such as 99.5")
        found["availability"] = round(availability / 100, 8)
    elif availability is not None:
        raise Invalid.field(
            "/hypothesis/availability", f"{availability!r} is no number; write a percentage such as 99.5"
        )
    for name in ("recovery", "latency"):
        found[name] = _number(form, f"hypothesis-{name}")
    found["stop_after"] = _whole(form, "hypothesis-stop_after")
    path = shell.text(form, "hypothesis-probe-path")
    if path:
        found["probe"] = {"kind": "http", "path": path}
    return _given(found)


def _number(form: Form, name: str) -> float | str | None:
    """What is no number stays as it was typed: the domain says what is wrong with it."""
    raw = shell.text(form, name)
    try:
        return float(raw) if raw else None
    except ValueError:
        return raw


def _whole(form: Form, name: str) -> int | str | None:
    raw = shell.text(form, name)
    return int(raw) if raw.isdecimal() else raw or None


def _given(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value is not None}


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
