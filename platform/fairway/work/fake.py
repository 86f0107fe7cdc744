"""An engine without a cluster, for tests of all that is around an engine: it keeps stacks in memory or in a file."""

import json
import threading
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from fairway_stacks.port import (
    ClusterUnreachable,
    OnEvent,
    Output,
    Result,
    Stack,
    StackLocked,
    StepChange,
    ignore_events,
)

KIND = "kubernetes:apps/v1:StatefulSet"


class FakeEngine:
    """Every stack has one resource, and hands out what it was brought up with.

    unreachable: while it says why, nothing goes; failing: stack name -> message; unready: stack name -> why it takes
    the time that it does. pace: how long an `up` takes, in seconds, cut short by `cancel`; slow: stack name -> its own
    pace; preview_pace: of a preview; outputs_pace: of reading outputs. calls: (verb, stack name), in order."""

    name = "fake"

    def __init__(self, file: Path | None = None) -> None:
        self.unreachable = ""
        self.failing: dict[str, str] = {}
        self.unready: dict[str, str] = {}
        self.slow: dict[str, float] = {}
        self.pace = self.preview_pace = self.outputs_pace = 0.0
        self.calls: list[tuple[str, str]] = []
        self._file = file
        self._guard = threading.Lock()
        self._running: dict[str, threading.Event] = {}
        self._looking: dict[str, threading.Event] = {}
        self._stacks: dict[str, Any] = json.loads(file.read_text()) if file and file.exists() else {}

    @property
    def stacks(self) -> Mapping[str, Any]:
        """name -> `{request, secrets, ups}`; ups counts how often it was brought up."""
        return self._stacks

    @property
    def looking(self) -> Collection[str]:
        """The stacks that are previewed just now."""
        return tuple(self._looking)

    def preview(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result:
        return self._look("preview", stack, self._op(stack))

    def preview_destroy(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result:
        return self._look("preview_destroy", stack, "delete" if stack.name in self._stacks else "same")

    def up(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result:
        op = self._op(stack)
        return self._operate("up", stack, op, on_event, lambda: self._keep(stack))

    def refresh(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result:
        return self._operate("refresh", stack, "refresh", on_event, lambda: None)

    def destroy(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result:
        return self._operate("destroy", stack, "delete", on_event, lambda: self._forget(stack))

    def outputs(self, stack: Stack) -> Mapping[str, Output]:
        self._call("outputs", stack)
        self._linger(stack, self.outputs_pace)
        return self._handed_out(stack)

    def export(self, stack: Stack) -> dict[str, Any]:
        return {"version": 3, "deployment": {"resources": [stack.name] if stack.name in self._stacks else []}}

    def import_(self, stack: Stack, document: Mapping[str, Any]) -> None:
        self._keep(stack)

    def remove(self, stack: Stack) -> None:
        self._call("remove", stack)

    def cancel(self, stack: Stack) -> bool:
        with self._guard:
            running = self._running.get(stack.name) or self._looking.get(stack.name)
        if running is None:
            return False
        running.set()
        return True

    def release(self, host: str) -> None:
        self.calls.append(("release", host))

    def abandon(self) -> None:
        self.calls.append(("abandon", ""))

    def close(self) -> None:
        with self._guard:
            for running in (*self._running.values(), *self._looking.values()):
                running.set()

    def _look(self, verb: str, stack: Stack, op: str) -> Result:
        self._call(verb, stack)
        return self._result(stack, op, cancelled=self._linger(stack, self.preview_pace))

    def _linger(self, stack: Stack, seconds: float) -> bool:
        """True when it was cut short."""
        stopped = threading.Event()
        with self._guard:
            self._looking[stack.name] = stopped
        try:
            return stopped.wait(seconds)
        finally:
            with self._guard:
                del self._looking[stack.name]

    def _operate(self, verb: str, stack: Stack, op: str, on_event: OnEvent, effect: Any) -> Result:
        pace = self.slow.get(stack.name, self.pace)  # as it is when the call is told of, whatever is set after that
        self._call(verb, stack)
        stopped = threading.Event()
        with self._guard:
            if stack.name in self._running:
                raise StackLocked(f"the stack {stack.name} is locked")
            self._running[stack.name] = stopped
        try:
            metadata = {"op": op, "urn": self._urn(stack), "type": KIND}
            on_event({"sequence": 1, "timestamp": int(time.time()), "resourcePreEvent": {"metadata": metadata}})
            if stack.name in self.unready:
                diagnostic = {"severity": "warning", "message": self.unready[stack.name], "ephemeral": True}
                on_event({"sequence": 2, "diagnosticEvent": {**diagnostic, "urn": self._urn(stack)}})
            if stopped.wait(pace):
                return self._result(stack, op, cancelled=True)
            if stack.name in self.failing:
                message = self.failing[stack.name]
                diagnostic = {"severity": "error", "message": message, "urn": self._urn(stack)}
                on_event({"sequence": 2, "diagnosticEvent": diagnostic})
                on_event({"sequence": 3, "resOpFailedEvent": {"metadata": metadata}})
                return self._result(stack, op, errors=(("", "update failed"), (self._urn(stack), message)))
            effect()
            on_event({"sequence": 2, "resOutputsEvent": {"metadata": metadata}})
            return self._result(stack, op)
        finally:
            with self._guard:
                del self._running[stack.name]

    def _call(self, verb: str, stack: Stack) -> None:
        self.calls.append((verb, stack.name))
        if self.unreachable:
            raise ClusterUnreachable(self.unreachable)

    def _op(self, stack: Stack) -> str:
        known = self._stacks.get(stack.name)
        if known is None:
            return "create"
        return "same" if known | self._wanted(stack) == known else "update"

    def _result(
        self, stack: Stack, op: str, *, cancelled: bool = False, errors: tuple[tuple[str, str], ...] = ()
    ) -> Result:
        step = StepChange(op, self._urn(stack), KIND, stack.name)
        done = not cancelled and not errors
        return Result(done, cancelled, {op: 1}, (step,), self._handed_out(stack) if done else {}, errors, self.pace)

    def _handed_out(self, stack: Stack) -> Mapping[str, Output]:
        if stack.name not in self._stacks or stack.name.endswith("-namespace"):
            return {}
        seeds = json.loads(self._stacks[stack.name]["secrets"].get("fairway:seeds", "{}"))
        plain = {"host": "127.9.0.1", "port": 5432, "username": "app", "database": "app"}
        secret = {"password": seeds.get("password", ""), "uri": f"postgresql://app:{seeds.get('password')}@127.9.0.1"}
        return {n: Output(v, False) for n, v in plain.items()} | {n: Output(v, True) for n, v in secret.items()}

    def _urn(self, stack: Stack) -> str:
        return f"urn:pulumi:{stack.name}::fairway::{KIND}::{stack.name}"

    def _keep(self, stack: Stack) -> None:
        ups = self._stacks.get(stack.name, {}).get("ups", 0) + 1
        self._stacks[stack.name] = {**self._wanted(stack), "ups": ups}
        self._save()

    def _wanted(self, stack: Stack) -> dict[str, Any]:
        return {"request": stack.config.get("fairway:request"), "secrets": dict(stack.secrets)}

    def _forget(self, stack: Stack) -> None:
        self._stacks.pop(stack.name, None)
        self._save()

    def _save(self) -> None:
        if self._file is not None:
            self._file.write_text(json.dumps(self._stacks))
