"""The engine's events as people see them: steps that begin, end or fail, what keeps one, and lines of the log."""

import re
import time
from collections.abc import Mapping
from typing import Any

from fairway_stacks.port import StepChange, is_component

COLOUR = re.compile(r"<\{%[^%]*%\}>")
USUAL = "[MinimumReplicasUnavailable]"
QUIET = frozenset({"same", "read", "refresh"})


def told(event: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """(kind, data) of the run's event, None for what nobody needs to see."""
    if "resourcePreEvent" in event:
        return _step(event["resourcePreEvent"], "running")
    if "resOutputsEvent" in event:
        return _step(event["resOutputsEvent"], "done")
    if "resOpFailedEvent" in event:
        return _step(event["resOpFailedEvent"], "failed")
    if "diagnosticEvent" in event:
        return _line(event["diagnosticEvent"])
    return None


def plain(text: str) -> str:
    """Without the engine's colours."""
    return COLOUR.sub("", text).strip()


def timed(step: dict[str, Any], began: dict[str, float]) -> dict[str, Any]:
    """The step with its seconds once it has ended; began: urn -> when, kept by the caller."""
    if step["status"] == "running":
        began[step["urn"]] = time.monotonic()
        return step
    since = began.get(step["urn"])
    return step if since is None else {**step, "seconds": round(time.monotonic() - since, 3)}


def change(step: StepChange) -> dict[str, Any]:
    """A line of a preview."""
    return {"op": step.op, "type": step.type, "name": step.name, "urn": step.urn, "diff": dict(step.diff)}


def changes(steps: tuple[StepChange, ...]) -> list[dict[str, Any]]:
    """Those that change anything that a person would call a thing: not the groups of a program, nor its providers."""
    return [
        change(s) for s in steps if s.op != "same" and not s.component and not s.type.startswith("pulumi:providers")
    ]


def _step(body: Mapping[str, Any], status: str) -> tuple[str, dict[str, Any]] | None:
    metadata = body.get("metadata", {})
    op, urn, kind = metadata.get("op", ""), metadata.get("urn", ""), metadata.get("type", "")
    if body.get("planning") or op in QUIET or is_component(metadata) or kind.startswith("pulumi:providers"):
        return None
    name = urn.rpartition("::")[2]
    return "step", {
        "op": op,
        "type": kind,
        "name": name,
        "urn": urn,
        "status": status,
        "seconds": None,
    }


def _line(body: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    message, severity, urn = plain(str(body.get("message", ""))), body.get("severity", "info"), body.get("urn", "")
    if not message or severity == "debug":
        return None
    if body.get("ephemeral"):
        return ("wait", _kept_by(urn, message)) if severity == "warning" and not message.startswith(USUAL) else None
    return "log", {"severity": severity, "message": message, "urn": urn}


def _kept_by(urn: str, cause: str) -> dict[str, Any]:
    """Run.waiting while a step goes on: `{code, message, cause, urn}`."""
    kind, _, name = urn.rpartition("::")
    message = f"{kind.rpartition(':')[2]} {name} is not ready yet"
    return {"code": "not-ready", "message": message, "cause": cause, "urn": urn}
