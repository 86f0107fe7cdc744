"""The engine that needs no CLI: it is the resource monitor itself, and keeps Pulumi's own state."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fairway_stacks.embedded import refreshing, sweeping
from fairway_stacks.embedded.children import Children
from fairway_stacks.embedded.deployment import Deployment
from fairway_stacks.embedded.errors import Closing
from fairway_stacks.embedded.events import Events, Masking
from fairway_stacks.embedded.kubernetes.connection import Connection
from fairway_stacks.embedded.kubernetes.provider import KubernetesProvider
from fairway_stacks.embedded.providers import Provider
from fairway_stacks.port import ClusterUnreachable, OnEvent, Output, Result, Stack, ignore_events
from fairway_stacks.state.snapshot import Snapshot
from fairway_stacks.state.stack_state import StackState
from fairway_stacks.state.store import Store
from fairway_stacks.state.values import Secret, plain

Work = Callable[[Deployment], None]


class EmbeddedEngine:
    """store: where state is kept; passphrase: encrypts its secrets. See fairway_stacks.port.Engine."""

    name = "embedded"

    def __init__(self, store: Store, passphrase: str) -> None:
        self._store, self._passphrase = store, passphrase
        self._children = Children()
        self._lock = threading.Lock()
        self._running: dict[tuple[str, str], threading.Event] = {}

    def preview(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result:
        return self._operate("preview", stack, on_event, lambda d: self._run_program(stack, d), planning=True)

    def up(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result:
        return self._operate("update", stack, on_event, lambda d: self._run_program(stack, d))

    def refresh(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result:
        return self._operate("refresh", stack, on_event, refreshing.refresh)

    def preview_destroy(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result:
        return self._operate("destroy", stack, on_event, _destroy, planning=True)

    def destroy(self, stack: Stack, *, on_event: OnEvent = ignore_events) -> Result:
        return self._operate("destroy", stack, on_event, _destroy)

    def outputs(self, stack: Stack) -> Mapping[str, Output]:
        return _outputs(self._state(stack).load())

    def export(self, stack: Stack) -> dict[str, Any]:
        return self._state(stack).export()

    def import_(self, stack: Stack, document: Mapping[str, Any]) -> None:
        state = self._state(stack)
        with state.lock():
            state.import_(document)

    def remove(self, stack: Stack) -> None:
        state = self._state(stack)
        with state.lock():
            state.remove()

    def cancel(self, stack: Stack) -> bool:
        with self._lock:
            running = self._running.get((stack.project, stack.name))
        if running is not None:
            running.set()
        return running is not None

    def release(self, host: str) -> None:
        """Nothing to do: its locks are renewed, and one that is not is free by itself."""

    def abandon(self) -> None:
        """Nothing to do: whoever has lost a lock writes no more."""

    def close(self) -> None:
        self._children.close()
        self._store.close()

    def _state(self, stack: Stack) -> StackState:
        return StackState(self._store, self._passphrase, stack.project, stack.name)

    def _operate(self, kind: str, stack: Stack, on_event: OnEvent, work: Work, *, planning: bool = False) -> Result:
        state = self._state(stack)
        if planning:
            return self._with_cluster(kind, stack, state, on_event, work, planning)
        with state.lock():
            return self._with_cluster(kind, stack, state, on_event, work, planning)

    def _with_cluster(
        self, kind: str, stack: Stack, state: StackState, on_event: OnEvent, work: Work, planning: bool
    ) -> Result:
        connection = Connection(stack.kubeconfig)
        events = Events(on_event, planning, Masking(stack.secrets.values()))
        deployment = Deployment(
            stack.project,
            stack.name,
            state.load(),
            planning,
            events,
            state.save,
            {"kubernetes": lambda inputs: _provider(connection, inputs)},
            {**stack.config, **stack.secrets},
            list(stack.secrets),
        )
        started = time.time()
        try:
            with self._cancellable(stack, deployment):
                events.prelude(stack.config, stack.secrets)
                work(deployment)
        finally:
            connection.close()
        result = _result(deployment)
        if not planning:
            state.finished(deployment.snapshot(), _history(kind, deployment, result, started))
        events.summary("succeeded" if result.succeeded else "failed")
        if deployment.unreachable is not None:
            raise deployment.unreachable
        return result

    def _run_program(self, stack: Stack, deployment: Deployment) -> None:
        if deployment.before.pending:
            names = ", ".join(f"{one.resource.name} ({one.kind})" for one in deployment.before.pending)
            deployment.events.tell(f"An earlier run was interrupted; it goes on with {names}", "warning")
        from fairway_stacks.embedded.monitor import Listening  # gRPC takes 20 MiB: not before the first program

        with Listening(deployment) as address:
            wanted = {
                "program": stack.program,
                "project": stack.project,
                "stack": stack.name,
                "monitor": address,
                "planning": deployment.planning,
                "config": dict(deployment.config),
                "secret_keys": list(deployment.secret_keys),
            }
            code, printed = self._children.run(wanted, deployment.events.tell, deployment.cancelled)
            deployment.wait_until_idle()
        if code != 0 and not deployment.errors and not deployment.cancelled.is_set():
            deployment.fail("", f"The program failed: {printed.strip()[-2000:] or f'exit code {code}'}")
        sweeping.finish(deployment)

    @contextmanager
    def _cancellable(self, stack: Stack, deployment: Deployment) -> Iterator[None]:
        key = (stack.project, stack.name)
        with self._lock:
            self._running[key] = deployment.cancelled
        try:
            yield
        except ClusterUnreachable as error:
            deployment.lose_cluster(error)
        except Closing:
            pass
        finally:
            with self._lock:
                self._running.pop(key, None)


def _destroy(deployment: Deployment) -> None:
    sweeping.delete_all(deployment, deployment.base)


def _provider(connection: Connection, inputs: Mapping[str, Any]) -> Provider:
    return KubernetesProvider(connection, str(plain(inputs.get("namespace")) or ""))


def _outputs(snapshot: Snapshot) -> dict[str, Output]:
    root = snapshot.root
    found = root.outputs if root is not None else {}
    return {key: Output(plain(value), isinstance(value, Secret)) for key, value in found.items()}


def _result(deployment: Deployment) -> Result:
    cancelled = deployment.cancelled.is_set()
    return Result(
        succeeded=not deployment.errors and not cancelled,
        cancelled=cancelled,
        changes=dict(deployment.events.changes),
        steps=tuple(deployment.events.steps),
        outputs=_outputs(deployment.snapshot()),
        errors=tuple(deployment.errors),
        seconds=deployment.events.seconds,
    )


def _history(kind: str, deployment: Deployment, result: Result, started: float) -> dict[str, Any]:
    """As Pulumi's self-managed backend writes it."""
    return {
        "kind": kind,
        "startTime": int(started),
        "message": "",
        "environment": {"exec.kind": "fairway"},
        "config": {},
        "version": 0,
        "result": "succeeded" if result.succeeded else "failed",
        "endTime": int(time.time()),
        "resourceChanges": dict(result.changes),
    }
