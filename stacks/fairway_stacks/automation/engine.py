"""PulumiEngine: the engine port on the real Pulumi CLI."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fairway_stacks.automation import holders, workspace
from fairway_stacks.automation.events import EventLog
from fairway_stacks.automation.process import Process
from fairway_stacks.automation.tally import Tally
from fairway_stacks.automation.workspace import Backend
from fairway_stacks.port import (
    ClusterUnreachable,
    EngineError,
    EngineEvent,
    OnEvent,
    Output,
    Result,
    Stack,
    StackLocked,
    ignore_events,
)
from fairway_stacks.state.passphrase import Passphrase


class PulumiEngine:
    """backend: the URL of the state (`file://`, `s3://`, `gs://`, `azblob://`, `postgres://`), its passphrase encrypts
    the secrets in it. root: the folder with `bin/pulumi`, or else `pulumi` is found on the PATH. home: PULUMI_HOME."""

    name = "pulumi"

    def __init__(
        self, backend_url: str, passphrase: str, *, root: Path | None = None, home: Path | None = None
    ) -> None:
        if root is None and shutil.which("pulumi") is None:
            raise EngineError("There is no `pulumi` on the PATH")
        self._backend = Backend(backend_url, passphrase, str(home or ""))
        self._backend.prepare()
        self._root = str(root) if root else None
        self._box: Passphrase | None = None
        self._lock = threading.Lock()
        self._running: dict[str, _Run] = {}
        self._gone: dict[str, datetime] = {}

    def preview(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result:
        return self._run("preview", stack, on_event)

    def up(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result:
        return self._run("up", stack, on_event)

    def refresh(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result:
        return self._run("refresh", stack, on_event)

    def preview_destroy(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result:
        return self._run("preview_destroy", stack, on_event)

    def destroy(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result:
        return self._run("destroy", stack, on_event)

    def outputs(self, stack: Stack) -> Mapping[str, Output]:
        answer = self._ask("outputs", stack)
        return {} if answer["ended"] == "missing" else _outputs(_done(answer))

    def export(self, stack: Stack) -> dict[str, Any]:
        document: dict[str, Any] = _done(self._ask("export", stack))["document"]
        return document

    def import_(self, stack: Stack, document: Mapping[str, Any]) -> None:
        with self._holding(stack) as run:
            _done(self._perform(run, "import_", document=dict(document)))

    def remove(self, stack: Stack) -> None:
        """The CLI removes the stack's history with it."""
        with self._holding(stack) as run:
            answer = self._perform(run, "remove")
        if answer["ended"] != "missing":
            _done(answer)

    def cancel(self, stack: Stack) -> bool:
        """The first time it asks, the second time it ends the operation at once, its lock included."""
        with self._lock:
            run = self._running.get(stack.name)
        return run is not None and run.cancel()

    def release(self, host: str) -> None:
        self._gone[host] = datetime.now(UTC)

    def abandon(self) -> None:
        for run in self._all_running():
            run.lose()

    def close(self) -> None:
        """Ends whatever still runs."""
        for run in self._all_running():
            run.cancel()
            run.cancel()

    def _all_running(self) -> list["_Run"]:
        with self._lock:
            return list(self._running.values())

    def _run(self, operation: str, stack: Stack, on_event: OnEvent) -> Result:
        started, tally = time.monotonic(), Tally()

        def see(event: EngineEvent) -> None:
            tally.add(event)
            on_event(event)

        with self._holding(stack) as run:
            answer = self._perform(run, operation, see)
            cancelled = run.cancelled
        return conclude(answer, tally, cancelled, time.monotonic() - started)

    def _ask(self, operation: str, stack: Stack) -> dict[str, Any]:
        """What only reads needs no lock."""
        return self._perform(_Run(stack), operation)

    @contextmanager
    def _holding(self, stack: Stack) -> Iterator["_Run"]:
        run = _Run(stack)
        with self._lock:
            if stack.name in self._running:
                raise StackLocked(f"Another operation holds the stack {stack.name}")
            self._running[stack.name] = run
        try:
            yield run
        finally:
            with self._lock:
                del self._running[stack.name]

    def _perform(self, run: "_Run", operation: str, see: OnEvent = ignore_events, **more: Any) -> dict[str, Any]:
        with workspace.opened(run.stack, self._backend, self._sealing()) as folder:
            log = EventLog(folder / "events.jsonl")
            job = self._job(run.stack, operation, folder) | more

            def meanwhile() -> None:
                for event in log.read():
                    see(event)

            answer = self._end_of(run, job, meanwhile)
            if answer["ended"] == "locked" and holders.all_dead(answer["message"], self._gone):
                _unlock(job)
                answer = self._end_of(run, job, meanwhile)
            if run.lost:
                raise StackLocked(f"The stack {run.stack.name} was left to another server")
            if run.killed:
                _unlock(job)
            return answer

    def _end_of(self, run: "_Run", job: Mapping[str, Any], meanwhile: Callable[[], None]) -> dict[str, Any]:
        try:
            answer = run.perform(Process(job), meanwhile)
        except EngineError as error:
            raise EngineError(self._backend.masked(str(error))) from None
        if "message" in answer:
            answer["message"] = self._backend.masked(answer["message"])
        return answer

    def _job(self, stack: Stack, operation: str, folder: Path) -> dict[str, Any]:
        return {
            "operation": operation,
            "project": stack.project,
            "stack": stack.name,
            "program": stack.program,
            "folder": str(folder),
            "log": str(folder / "events.jsonl"),
            "environment": workspace.environment(folder, self._backend),
            "root": self._root,
        }

    def _sealing(self) -> Passphrase:
        """One salt for all that this engine writes: a key costs half a second."""
        with self._lock:
            self._box = self._box or Passphrase(self._backend.passphrase)
            return self._box


class _Run:
    """An operation that may be asked to stop, also before its process is there."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.cancelled = self.killed = self.lost = False
        self._process: Process | None = None
        self._lock = threading.Lock()

    def perform(self, process: Process, meanwhile: Any) -> dict[str, Any]:
        with self._lock:
            self._process = process
            if self.cancelled:
                process.interrupt()
        try:
            return process.wait(meanwhile)
        except EngineError:
            if not self.cancelled:
                raise
            return {"ended": "stopped", "message": "The operation was ended"}

    def cancel(self) -> bool:
        with self._lock:
            again, self.cancelled = self.cancelled, True
            if self._process is not None and again:
                self.killed = True
                self._process.end()
            elif self._process is not None:
                self._process.interrupt()
        return True

    def lose(self) -> None:
        """Its lock stays: it may be somebody else's by now."""
        self.lost = True
        self.cancel()


def _unlock(job: Mapping[str, Any]) -> None:
    Process({**job, "operation": "unlock"}).wait(lambda: None)


def conclude(answer: Mapping[str, Any], tally: Tally, cancelled: bool, seconds: float) -> Result:
    """Raises StackLocked, and ClusterUnreachable when that was all that happened."""
    if answer["ended"] == "locked":
        raise StackLocked(answer["message"])
    succeeded = answer["ended"] == "done" and tally.succeeded is not False
    if not succeeded and not cancelled and tally.unreachable:
        raise ClusterUnreachable(next(message for _, message in tally.errors))
    return Result(
        succeeded=succeeded,
        cancelled=cancelled and not succeeded,
        changes=tally.changes,
        steps=tally.steps,
        outputs=_outputs(answer),
        errors=() if succeeded else tally.errors or (("", "Cancelled" if cancelled else answer.get("message", "")),),
        seconds=seconds,
    )


def _done(answer: dict[str, Any]) -> dict[str, Any]:
    if answer["ended"] == "locked":
        raise StackLocked(answer["message"])
    if answer["ended"] != "done":
        raise EngineError(answer["message"])
    return answer


def _outputs(answer: Mapping[str, Any]) -> dict[str, Output]:
    return {name: Output(o["value"], o["secret"]) for name, o in answer.get("outputs", {}).items()}
