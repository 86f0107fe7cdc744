"""The events of one operation, in the Automation API's shape; nothing secret leaves here."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from fairway_stacks.embedded.diffs import Diff
from fairway_stacks.port import OnEvent, StepChange
from fairway_stacks.state.resource import Resource
from fairway_stacks.state.values import MASK, masked

PHYSICAL = ("create-replacement", "delete-replaced")
SHORTEST_MASKED = 6


class Masking:
    """Replaces the secrets of the configuration wherever they occur in text (a log line, a server's message)."""

    def __init__(self, secrets: Iterable[str]) -> None:
        found = {text for secret in secrets for text in (secret, *_leaves(secret))}
        self._texts = sorted((text for text in found if len(text) >= SHORTEST_MASKED), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._texts:
            text = text.replace(secret, MASK)
        return text


class Events:
    def __init__(self, on_event: OnEvent, planning: bool, masking: Masking) -> None:
        self._on_event, self._planning, self._masking = on_event, planning, masking
        self._lock = threading.Lock()
        self._sequence = 0
        self._started = time.monotonic()
        self.changes: Counter[str] = Counter()
        self.steps: list[StepChange] = []

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def prelude(self, config: Mapping[str, str], secrets: Iterable[str]) -> None:
        shown = {**{key: self._masking(value) for key, value in config.items()}, **dict.fromkeys(secrets, MASK)}
        self._emit("preludeEvent", {"config": shown})

    def pre(self, op: str, old: Resource | None, new: Resource | None, diff: Diff | None = None) -> None:
        if not _hidden(old, new):
            self._emit("resourcePreEvent", self._step(op, old, new, diff))

    def done(self, op: str, old: Resource | None, new: Resource | None, diff: Diff | None = None) -> None:
        if _hidden(old, new):
            return
        resource = new or old
        assert resource is not None
        with self._lock:
            if op not in PHYSICAL:
                self.changes[op] += 1
                detailed = dict(diff.detailed) if diff else {}
                step = StepChange(op, resource.urn, resource.type, resource.name, detailed, not resource.custom)
                self.steps.append(step)
        self._emit("resOutputsEvent", self._step(op, old, new, diff))

    def failed(self, op: str, old: Resource | None, new: Resource | None) -> None:
        self._emit("resOpFailedEvent", {"metadata": self._metadata(op, old, new, None), "status": 1, "steps": 0})

    def tell(self, message: str, severity: str = "info", urn: str = "", ephemeral: bool = False) -> None:
        body: dict[str, Any] = {"message": self._masking(message) + "\n", "color": "never", "severity": severity}
        body["prefix"] = f"{severity}: "
        if urn:
            body["urn"] = urn
        if ephemeral:
            body["ephemeral"] = True
        self._emit("diagnosticEvent", body)

    def summary(self, result: str) -> None:
        self._emit(
            "summaryEvent",
            {
                "maybeCorrupt": False,
                "durationSeconds": int(self.seconds),
                "resourceChanges": dict(self.changes),
                "PolicyPacks": {},
                "isPreview": self._planning,
                "result": result,
            },
        )
        self._emit("cancelEvent", {})

    def _step(self, op: str, old: Resource | None, new: Resource | None, diff: Diff | None) -> dict[str, Any]:
        body: dict[str, Any] = {"metadata": self._metadata(op, old, new, diff)}
        if self._planning:
            body["planning"] = True
        return body

    def _metadata(self, op: str, old: Resource | None, new: Resource | None, diff: Diff | None) -> dict[str, Any]:
        resource = new or old
        assert resource is not None
        body: dict[str, Any] = {"op": op, "urn": resource.urn, "type": resource.type}
        body["old"], body["new"] = self._shown(old), self._shown(new)
        if diff and diff.detailed:
            body["keys"], body["diffs"] = diff.replace_keys, diff.keys
            body["detailedDiff"] = {
                path: {"diffKind": kind, "inputDiff": kind.startswith("delete")} for path, kind in diff.detailed.items()
            }
        else:
            body["detailedDiff"] = None
        if op not in PHYSICAL:
            body["logical"] = True
        body["provider"] = resource.provider
        return body

    def _shown(self, resource: Resource | None) -> dict[str, Any] | None:
        if resource is None:
            return None
        body: dict[str, Any] = {"type": resource.type, "urn": resource.urn, "id": resource.id}
        body.update(custom=resource.custom, parent=resource.parent, provider=resource.provider)
        body.update(protect=resource.protect, retainOnDelete=resource.retain_on_delete)
        body.update(inputs=masked(resource.inputs), outputs=masked(resource.outputs))
        if resource.init_errors:
            body["initErrors"] = [self._masking(one) for one in resource.init_errors]
        return body

    def _emit(self, kind: str, body: dict[str, Any]) -> None:
        with self._lock:
            event = {"sequence": self._sequence, "timestamp": int(time.time()), kind: body}
            self._sequence += 1
            self._on_event(event)


def _hidden(old: Resource | None, new: Resource | None) -> bool:
    """Default providers are nobody's choice; they stay out of what people see."""
    resource = new or old
    return bool(resource and resource.is_provider and resource.name.startswith("default"))


def _leaves(secret: str) -> Iterable[str]:
    """The texts inside a secret that is a JSON document."""
    try:
        return list(_texts(json.loads(secret)))
    except ValueError:
        return []


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
