"""Computing previews in the background: of each person one at a time, the oldest first."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fairway.domain import people, previews, progress, settle
from fairway.domain.context import Context
from fairway.domain.settle import Settled
from fairway.errors import FairwayError
from fairway.models import Operation, Preview, PreviewState
from fairway.work import failures, narration, stacks
from fairway_stacks.port import Engine, EngineError, Result, Stack

LOG = logging.getLogger("fairway.work")


class Previewer:
    def __init__(self, context: Context, engine: Engine, pool: ThreadPoolExecutor) -> None:
        self._context = context
        self._engine = engine
        self._pool = pool
        self._guard = threading.Lock()
        self._busy: dict[str, tuple[str, Stack] | None] = {}
        self._closed = False

    def wake(self, preview_id: str) -> None:
        """There is a preview to compute. The one that it supersedes is stopped."""
        self._pool.submit(self._serve, preview_id)

    def sweep(self) -> None:
        """Those that a process before this one has left."""
        with self._context.database.read() as session:
            waiting = [p.id for p in previews.waiting(session)]
        for preview_id in waiting:
            self.wake(preview_id)

    def close(self) -> None:
        self._closed = True

    def _serve(self, preview_id: str) -> None:
        try:
            person = self._person(preview_id)
            with self._guard:
                if person in self._busy:
                    running = self._busy[person]
                    if running is not None and not self._is_wanted(running[0]):
                        self._engine.cancel(running[1])
                    return
                self._busy[person] = None
            self._serve_person(person)
        except Exception:
            if not self._closed:
                LOG.exception("a preview could not be computed")

    def _serve_person(self, person: str) -> None:
        while True:
            with self._guard:
                oldest = None if self._closed else self._oldest(person)
                if oldest is None:
                    del self._busy[person]
                    return
            self._compute(oldest)

    def _oldest(self, person: str) -> Preview | None:
        with self._context.database.read() as session:
            return next((p for p in previews.waiting(session) if p.created_by == person), None)

    def _is_wanted(self, preview_id: str) -> bool:
        with self._context.database.read() as session:
            return session.get_one(Preview, preview_id).state is PreviewState.COMPUTING

    def _person(self, preview_id: str) -> str:
        with self._context.database.read() as session:
            return session.get_one(Preview, preview_id).created_by

    def _compute(self, row: Preview) -> None:
        changes: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        try:
            result = self._plan(row)
            changes = narration.changes(result.steps)
            errors = [{"urn": urn, "message": narration.plain(message)} for urn, message in result.errors]
            if not result.succeeded and not errors:
                errors = [{"urn": "", "message": failures.of_result(result)["message"]}]
        except FairwayError as error:
            errors = [{"pointer": f.pointer, "detail": f.detail} for f in error.fields]
            errors = errors or [{"urn": "", "message": error.detail}]
        except Exception as error:
            if not isinstance(error, EngineError):
                LOG.exception("the preview %s could not be computed", row.id)
            errors = [{"urn": "", "message": progress.describe(error)["message"]}]
        if not self._closed:
            with self._context.database.write() as session:
                previews.settle_result(session, row.id, changes=changes, errors=errors)

    def _plan(self, row: Preview) -> Result:
        settled, stack = self._stack(row)
        with self._guard:
            self._busy[row.created_by] = (row.id, stack)
        try:
            if settled.operation is Operation.DESTROY:
                return self._engine.preview_destroy(stack)
            place = f"{settled.service.name}-{settled.environment.name}"
            return failures.without_missing_namespace(self._engine.preview(stack), place)
        finally:
            with self._guard:
                self._busy[row.created_by] = None
            if settled.resource is None:
                self._forget(stack)

    def _stack(self, row: Preview) -> tuple[Settled, Stack]:
        """The wish as it is settled now: what it depends on may have changed since it was asked for."""
        with self._context.database.read() as session:
            actor = people.actor_for(session, people.by_id(session, row.created_by), "system")
            settled = settle.settle(self._context, session, actor, previews.wish_of(row))
            if settled.resource is None:
                return settled, stacks.of_settled(self._context, session, settled, row.id)
            return settled, stacks.of_change(self._context, session, settled, settled.resource)

    def _forget(self, stack: Stack) -> None:
        """An engine that keeps a stack for a preview shall not."""
        try:
            self._engine.remove(stack)
        except EngineError:
            LOG.debug("nothing was kept of %s", stack.name)
