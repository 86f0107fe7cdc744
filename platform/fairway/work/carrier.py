"""Carrying a run out, step by step; each step can be repeated from its beginning at any time.

The steps are coroutines on the workers' loop; what blocks (database, engine) is done in the workers' threads.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlmodel import Session, col, func, select

from fairway.db.clock import now
from fairway.domain import connections, progress, rotation
from fairway.domain.context import Context
from fairway.errors import Failed
from fairway.models import Environment, Operation, Resource, ResourceState, Revision, Run, RunState, Service
from fairway.work import failures, narration, patience, stacks
from fairway.work.patience import WORTH_WAITING, Patience
from fairway.work.readiness import Readiness
from fairway_stacks.port import Engine, EngineEvent, Result, Stack

Value = TypeVar("Value")
LOOK_FOR_CANCEL = 1.0


class Cancelled(Exception):
    """Somebody asked for the run to be cancelled."""


class Overtaken(Exception):
    """The run has ended while it was waited for: somebody else went on with it. Nothing is left to do."""


class RunFailed(Failed):
    """The run failed; `error` says why, as Run.error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.error = error


class Carrier:
    """One per process. wake(run_id) lets a run that waits look again at once."""

    def __init__(
        self, context: Context, engine: Engine, pool: ThreadPoolExecutor, readiness: Readiness, waits: Patience
    ) -> None:
        self.context = context
        self.engine = engine
        self.stopping = False
        self._pool = pool
        self._readiness = readiness
        self._waits = waits
        self._bells: dict[str, asyncio.Event] = {}
        self._namespaces: dict[str, threading.Lock] = {}
        self._running: dict[str, Stack] = {}

    def wake(self, run_id: str) -> None:
        """On the loop's thread."""
        bell = self._bells.get(run_id)
        if bell is not None:
            bell.set()

    async def plan(self, run_id: str) -> bool:
        """Its preview, unless a person has been shown one; False when the run has ended."""
        if not await self._do(self._begin, run_id):
            return False
        result = await self._patiently(run_id, self._preview)
        if result is not None and result.errors:
            raise RunFailed(failures.of_result(result))
        return await self._do(self._planned, run_id, result)

    async def await_approval(self, run_id: str) -> bool:
        """True once it may go on; False when it has ended instead."""
        while True:
            run = await self._do(self._load, run_id)
            if run.state.ended:
                return False
            if run.decision == "approved" or not run.needs_approval:
                return True
            await self._pause(run_id, 60.0)

    async def apply(self, run_id: str) -> bool:
        if not await self._do(self._begin_applying, run_id):
            return False
        run = await self._do(self._load, run_id)
        if run.operation not in (Operation.DESTROY, Operation.REFRESH):
            await self._patiently(run_id, self._raise_namespace)
        result = await self._patiently(run_id, self._operate)
        if result.cancelled and not self.stopping:
            raise Cancelled
        if not result.succeeded:
            raise RunFailed(failures.of_result(result))
        if run.operation is Operation.DESTROY:
            await self._patiently(run_id, self._drop_stack)
            await self._patiently(run_id, self._drop_namespace)
        return True

    async def verify(self, run_id: str) -> bool:
        """Whether what was applied works, as the cluster shows it; then the run has succeeded."""
        if not await self._do(self._begin_verifying, run_id):
            return False
        run = await self._do(self._load, run_id)
        if run.operation not in (Operation.DESTROY, Operation.REFRESH):
            await self._await_ready(run)
        return await self._do(self._succeed, run_id)

    async def give_up(self, run_id: str, error: Exception) -> None:
        """Ends the run with what went wrong; one that has ended stays as it is."""
        if isinstance(error, Cancelled):
            await self._do(self._cancel, run_id)
        else:
            told = error.error if isinstance(error, RunFailed) else progress.describe(error)
            await self._do(self._fail, run_id, told)

    async def _do(self, call: Callable[..., Value], *args: Any) -> Value:
        """In a worker's thread. What a stopping process does or learns is not the truth about the run: it stays as it
        is, and its workflow pending."""
        self._check_stopping()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, call, *args)
        finally:
            self._check_stopping()

    def _check_stopping(self) -> None:
        if self.stopping:
            raise asyncio.CancelledError

    async def _patiently(self, run_id: str, call: Callable[[str], Value]) -> Value:
        """Tries again while the cluster does not answer, and says so. Raises Cancelled, or Failed at the end."""
        since, tries = now(), 0
        while True:
            try:
                value = await self._watched(run_id, call)
            except WORTH_WAITING as error:
                if patience.is_over(since, self._waits):
                    raise patience.given_up(error, self._waits) from error
                pause = self._waits.pause(tries)
                tries += 1
                await self._do(self._say, run_id, patience.waiting(error, since, pause, self._waits))
                await self._pause(run_id, pause)
                if await self._do(self._is_cancelled, run_id):
                    raise Cancelled from error
                continue
            if tries:
                await self._do(self._say, run_id, None)
            return value

    async def _watched(self, run_id: str, call: Callable[[str], Value]) -> Value:
        """Does it, and passes a request to cancel on to the engine meanwhile, once."""
        task = asyncio.ensure_future(self._do(call, run_id))
        asked = False
        while not task.done():
            await self._pause(run_id, LOOK_FOR_CANCEL, task)
            if not asked and not task.done() and await self._do(self._is_cancelled, run_id):
                asked = await self._do(self._ask_engine_to_stop, run_id)
        return task.result()

    async def _pause(self, run_id: str, seconds: float, task: "asyncio.Future[Any] | None" = None) -> None:
        bell = self._bells.setdefault(run_id, asyncio.Event())
        ring = asyncio.ensure_future(bell.wait())
        try:
            await asyncio.wait({ring, *([task] if task else [])}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ring.cancel()
            bell.clear()

    async def _await_ready(self, run: Run) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._readiness.patience
        while True:
            missing = await self._do(self._readiness.missing, run)
            if missing is None:
                return
            if await self._do(self._is_cancelled, run.id):
                raise Cancelled
            if loop.time() > until:
                message = f"It was applied, and does not work: {missing}"
                raise RunFailed({"code": "not-ready", "message": message, "hint": failures.hint(missing), "causes": []})
            await self._pause(run.id, 0.5)

    # What follows blocks, and runs in the workers' threads.

    def _begin(self, run_id: str) -> bool:
        with self.context.database.write() as session:
            run = session.get_one(Run, run_id)
            if run.state is RunState.QUEUED:
                progress.move(session, run, RunState.PREVIEWING, frm=(RunState.QUEUED,), started_at=now())
            return not run.state.ended

    def _preview(self, run_id: str) -> Result | None:
        run, stack = self._stack(run_id)
        if run.preview_id or run.operation is Operation.REFRESH or run.state is not RunState.PREVIEWING:
            return None
        preview = self.engine.preview_destroy if run.operation is Operation.DESTROY else self.engine.preview
        result = preview(stack)
        if run.operation is Operation.DESTROY:
            return result
        return failures.without_missing_namespace(result, self._namespace(run_id)[0])

    def _planned(self, run_id: str, result: Result | None) -> bool:
        with self.context.database.write() as session:
            run = session.get_one(Run, run_id)
            if result is not None:
                run.changes = narration.changes(result.steps)
                session.add(run)
                session.flush()
            resource = session.get_one(Resource, run.resource_id)
            if run.needs_approval and run.decision is None:
                progress.move(session, run, RunState.AWAITING_APPROVAL, frm=(RunState.PREVIEWING,))
                if resource.state is ResourceState.REQUESTED:
                    progress.set_resource_state(session, resource, ResourceState.AWAITING_APPROVAL)
            return not run.state.ended

    def _begin_applying(self, run_id: str) -> bool:
        with self.context.database.write() as session:
            run = session.get_one(Run, run_id)
            return progress.begin_applying(session, run, session.get_one(Resource, run.resource_id))

    def _raise_namespace(self, run_id: str) -> None:
        name, stack = self._namespace(run_id)
        with self._one_at_a_time(name):
            result = self._with_engine(run_id, self.engine.up, stack)
        if not result.succeeded:
            raise Cancelled if result.cancelled and not self.stopping else RunFailed(failures.of_result(result))

    def _operate(self, run_id: str) -> Result:
        run, stack = self._stack(run_id)
        verbs = {Operation.DESTROY: self.engine.destroy, Operation.REFRESH: self.engine.refresh}
        verb = verbs.get(run.operation, self.engine.up)
        result = self._with_engine(run_id, verb, stack, brings=run.operation not in verbs)
        if result.succeeded and run.operation is not Operation.DESTROY and not self.stopping:
            self._record_outputs(run_id, stack)
        return result

    def _with_engine(self, run_id: str, verb: Callable[..., Result], stack: Stack, *, brings: bool = False) -> Result:
        """The operation, told about as it goes on, and known meanwhile as what a request to cancel stops. brings: its
        steps may bring a new password to the server."""
        self._running[run_id] = stack
        try:
            return verb(stack, on_event=self._teller(run_id, brings))
        finally:
            self._running.pop(run_id, None)

    def _record_outputs(self, run_id: str, stack: Stack) -> None:
        found = self.engine.outputs(stack)
        plain = {name: output.value for name, output in found.items() if not output.secret}
        secret = {name: output.value for name, output in found.items() if output.secret}
        with self.context.database.write() as session:
            run = session.get_one(Run, run_id)
            resource = session.get_one(Resource, run.resource_id)
            if run.operation is Operation.REFRESH and rotation.is_unfinished(resource):
                secret = connections.credentials(self.context, resource)
            progress.record_outputs(self.context, session, resource, plain, secret)

    def _drop_stack(self, run_id: str) -> None:
        self.engine.remove(self._stack(run_id)[1])

    def _drop_namespace(self, run_id: str) -> None:
        """Once nothing else lives in it."""
        name, stack = self._namespace(run_id)
        with self._one_at_a_time(name):
            if self._is_inhabited(run_id):
                return
            result = self._with_engine(run_id, self.engine.destroy, stack)
            if not result.succeeded:
                raise RunFailed(failures.of_result(result))
            self.engine.remove(stack)

    def _begin_verifying(self, run_id: str) -> bool:
        with self.context.database.write() as session:
            run = session.get_one(Run, run_id)
            if run.state is not RunState.VERIFYING:
                progress.move(session, run, RunState.VERIFYING, frm=(RunState.APPLYING,), verifying_at=now())
            return not run.state.ended

    def _succeed(self, run_id: str) -> bool:
        with self.context.database.write() as session:
            run = session.get_one(Run, run_id)
            resource = session.get_one(Resource, run.resource_id)
            return progress.succeed(self.context, session, run, resource, version_of(session, run, resource))

    def _cancel(self, run_id: str) -> bool:
        with self.context.database.write() as session:
            run = session.get_one(Run, run_id)
            return progress.cancel(self.context, session, run, session.get_one(Resource, run.resource_id))

    def _fail(self, run_id: str, error: dict[str, Any]) -> bool:
        with self.context.database.write() as session:
            run = session.get_one(Run, run_id)
            return progress.fail(self.context, session, run, session.get_one(Resource, run.resource_id), error)

    def _say(self, run_id: str, waiting: dict[str, Any] | None) -> None:
        with self.context.database.write() as session:
            progress.wait(session, session.get_one(Run, run_id), waiting)

    def _load(self, run_id: str) -> Run:
        with self.context.database.read() as session:
            return session.get_one(Run, run_id)

    def _is_cancelled(self, run_id: str) -> bool:
        return self._load(run_id).cancel_requested_at is not None

    def _ask_engine_to_stop(self, run_id: str) -> bool:
        running = self._running.get(run_id)
        return running is not None and self.engine.cancel(running)

    def _is_inhabited(self, run_id: str) -> bool:
        with self.context.database.read() as session:
            resource = session.get_one(Resource, session.get_one(Run, run_id).resource_id)
            others = select(func.count()).where(
                Resource.service_id == resource.service_id,
                Resource.environment_id == resource.environment_id,
                Resource.id != resource.id,
                col(Resource.destroyed_at).is_(None),
            )
            return session.exec(others).one() > 0

    def _stack(self, run_id: str) -> tuple[Run, Stack]:
        """Raises Overtaken."""
        with self.context.database.read() as session:
            run = _going(session, run_id)
            resource = session.get_one(Resource, run.resource_id)
            version = version_of(session, run, resource)
            return run, stacks.of_run(self.context, session, run, resource, version)

    def _namespace(self, run_id: str) -> tuple[str, Stack]:
        """Raises Overtaken."""
        with self.context.database.read() as session:
            resource = session.get_one(Resource, _going(session, run_id).resource_id)
            service = session.get_one(Service, resource.service_id)
            environment = session.get_one(Environment, resource.environment_id)
            return resource.namespace, stacks.of_namespace(self.context, session, service, environment)

    def _one_at_a_time(self, namespace: str) -> threading.Lock:
        return self._namespaces.setdefault(namespace, threading.Lock())

    def _teller(self, run_id: str, brings: bool) -> Callable[[EngineEvent], None]:
        """Writes what people want to see of the engine's events; a step's seconds from its begin to its end, and why it
        waits until then."""
        began: dict[str, float] = {}
        kept_by = ""

        def tell(event: EngineEvent) -> None:
            nonlocal kept_by
            found = narration.told(event)
            if found is None or self.stopping:
                return
            kind, data = found
            with self.context.database.write() as session:
                run = session.get_one(Run, run_id)
                if kind == "wait":
                    kept_by = data["urn"]
                    progress.wait(session, run, data)
                    return
                if kind == "step":
                    if brings and rotation.reaches_server(data):
                        rotation.turn(self.context, session, session.get_one(Resource, run.resource_id))
                    data = narration.timed(data, began)
                    if kept_by and data["urn"] == kept_by and data["status"] != "running":
                        kept_by = ""
                        progress.wait(session, run, None)
                progress.tell(session, run, kind, data)

        return tell


def _going(session: Session, run_id: str) -> Run:
    run = session.get_one(Run, run_id)
    if run.state.ended:
        raise Overtaken
    return run


def version_of(session: Session, run: Run, resource: Resource) -> str:
    """Of the offering: what the resource has, but going back means going back to that too."""
    if run.operation is not Operation.ROLLBACK:
        return resource.offering_version
    rows = session.exec(
        select(Revision).where(Revision.resource_id == resource.id).order_by(col(Revision.number).desc())
    ).all()
    return next((r.offering_version for r in rows if r.applied == run.desired), resource.offering_version)
