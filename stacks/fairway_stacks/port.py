"""The engine port: what Fairway asks of whatever runs a Pulumi program.

Every call blocks and may come from any thread; operations on different stacks run side by side, two on the same
stack never do (the second raises `StackLocked`). Events have the shape of the Automation API's EngineEvent
(`{"sequence", "timestamp", "<kind>Event": {...}}`), secrets already replaced by `[secret]`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

EngineEvent = Mapping[str, Any]
OnEvent = Callable[[EngineEvent], None]


def ignore_events(event: EngineEvent) -> None:
    """The callback of a caller who does not watch."""


@dataclass(frozen=True)
class Stack:
    """One stack and the program that describes it.

    program: `package.module:function`. config: plain values by full key (`fairway:request`), secrets likewise,
    never shown. kubeconfig: the document's text (YAML or JSON); only the engine sees it, never the program.
    """

    project: str
    name: str
    program: str
    config: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    kubeconfig: str = field(default="", repr=False)


@dataclass(frozen=True)
class Output:
    """A stack output in clear text; `secret` says that it must be kept encrypted and masked."""

    value: Any = field(repr=False)
    secret: bool


@dataclass(frozen=True)
class StepChange:
    """One resource of a plan or a run: op is Pulumi's word (`create`, `update`, `replace`, `delete`, `same`...).

    diff: property path -> kind (`add`, `update`, `delete`, each also with `-replace`), values left out. component: a
    group in the program (a ComponentResource, the stack itself), which no provider keeps.
    """

    op: str
    urn: str
    type: str
    name: str
    diff: Mapping[str, str] = field(default_factory=dict)
    component: bool = False


def is_component(metadata: Mapping[str, Any]) -> bool:
    """metadata: of one of Pulumi's step events, which leaves `custom` out where it is false."""
    shown: Mapping[str, Any] = metadata.get("new") or metadata.get("old") or {}
    return bool(shown) and not shown.get("custom", False)


@dataclass(frozen=True)
class Result:
    """What an operation came to. errors: (urn or "", message), empty when it succeeded; seconds is its duration."""

    succeeded: bool
    cancelled: bool
    changes: Mapping[str, int]
    steps: tuple[StepChange, ...]
    outputs: Mapping[str, Output]
    errors: tuple[tuple[str, str], ...]
    seconds: float


class EngineError(Exception):
    """The engine could not run the operation."""


class StackLocked(EngineError):
    """Another operation holds this stack; try again when it has ended."""


class ClusterUnreachable(EngineError):
    """The cluster did not answer; nothing was changed, try again later."""


class Engine(Protocol):
    """Both engines: `EmbeddedEngine` (no CLI needed) and `PulumiEngine` (the Pulumi CLI by the Automation API)."""

    name: str

    def preview(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result: ...
    def up(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result: ...
    def refresh(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result: ...
    def preview_destroy(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result:
        """What `destroy` would delete; touches nothing."""
        ...

    def destroy(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result: ...
    def outputs(self, stack: Stack) -> Mapping[str, Output]: ...
    def export(self, stack: Stack) -> dict[str, Any]:
        """The deployment document (`{"version": 3, "deployment": ...}`), secrets encrypted."""
        ...

    def import_(self, stack: Stack, document: Mapping[str, Any]) -> None: ...
    def remove(self, stack: Stack) -> None:
        """Forget a destroyed stack (state gone, history kept). Refuses one that still has resources."""
        ...

    def cancel(self, stack: Stack) -> bool:
        """Ask the running operation to stop after its steps in flight; False when none runs in this process."""
        ...

    def release(self, host: str) -> None:
        """All processes of this host are known to be dead now: what they held of any stack is free."""
        ...

    def abandon(self) -> None:
        """Somebody else may go on with what this process was at: the operations under way end with StackLocked, after
        their steps in flight, the second time at once. What others hold by now is not touched."""
        ...

    def close(self) -> None: ...
