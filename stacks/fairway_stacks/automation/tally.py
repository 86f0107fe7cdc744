"""What a run comes to, told by its events."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fairway_stacks.port import StepChange, is_component

REPEATED = "an unhandled error occurred: "
HALVES = ("create-replacement", "delete-replaced", "read-replacement", "import-replacement", "discard-replaced")
OPERATIONS = ("update", "preview", "refresh", "destroy")
GENERIC = (*(f"{name} failed" for name in OPERATIONS), *(f"{name} canceled" for name in OPERATIONS), REPEATED)
UNREACHABLE = ("configured Kubernetes cluster is unreachable", "due to unreachable cluster")
UNTOUCHED = ("same", "read", "refresh")


class Tally:
    """steps: one for each resource, a replacement being one. errors: (urn or "", message)."""

    def __init__(self) -> None:
        self._steps: dict[str, StepChange] = {}
        self.changes: dict[str, int] = {}
        self.succeeded: bool | None = None
        self._touched = False
        self._errors: list[tuple[str, str]] = []

    @property
    def steps(self) -> tuple[StepChange, ...]:
        return tuple(self._steps.values())

    @property
    def errors(self) -> tuple[tuple[str, str], ...]:
        """Those that say something, unless there are no others."""
        telling = [error for error in self._errors if not error[1].startswith(GENERIC)]
        return tuple(dict.fromkeys(telling or self._errors))

    @property
    def unreachable(self) -> bool:
        """The cluster did not answer, and nothing had been changed until then."""
        return not self._touched and any(text in message for _, message in self._errors for text in UNREACHABLE)

    def add(self, event: Mapping[str, Any]) -> None:
        match event:
            case {"resourcePreEvent": {"metadata": metadata}}:
                self._step(metadata)
            case {"resOutputsEvent": {"metadata": metadata}}:
                self._end(metadata)
            case {"diagnosticEvent": {"severity": "error", "message": message} as diagnostic}:
                self._errors.append((diagnostic.get("urn", ""), message.strip()))
            case {"summaryEvent": summary}:
                self.changes = dict(summary.get("resourceChanges") or {})
                self.succeeded = summary.get("result", "succeeded") == "succeeded"

    def _step(self, metadata: Mapping[str, Any]) -> None:
        if metadata["op"] not in HALVES and not _provider(metadata):
            self._steps[metadata["urn"]] = _change(metadata)

    def _end(self, metadata: Mapping[str, Any]) -> None:
        """Only its end tells what a refresh found."""
        ours = metadata["type"] == "pulumi:pulumi:Stack" or _provider(metadata)
        self._touched |= not ours and metadata["op"] not in UNTOUCHED
        begun = self._steps.get(metadata["urn"])
        if begun is not None and begun.op == "refresh":
            self._steps[metadata["urn"]] = replace(begun, op=metadata["op"], diff=_diff(metadata))


def _provider(metadata: Mapping[str, Any]) -> bool:
    return str(metadata["type"]).startswith("pulumi:providers:")


def _change(metadata: Mapping[str, Any]) -> StepChange:
    urn = str(metadata["urn"])
    name = urn.rsplit("::", 1)[-1]
    return StepChange(metadata["op"], urn, metadata["type"], name, _diff(metadata), is_component(metadata))


def _diff(metadata: Mapping[str, Any]) -> dict[str, str]:
    return {path: change["diffKind"] for path, change in (metadata.get("detailedDiff") or {}).items()}
