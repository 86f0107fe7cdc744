"""The workers of one process: a loop of their own, their threads, DBOS, previews and the sweep."""

import asyncio
import logging
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from fairway.db.clock import now
from fairway.domain import follow_ups, progress
from fairway.domain.context import Context
from fairway.models import Resource, Run
from fairway.work import durable
from fairway.work.carrier import Carrier
from fairway.work.patience import Patience
from fairway.work.presence import LASTS, Presence
from fairway.work.previewer import Previewer
from fairway.work.readiness import Readiness, TrustTheEngine
from fairway_stacks.port import Engine

LOG = logging.getLogger("fairway.work")
SWEEP_EVERY = 60.0
BEAT_EVERY = 10.0
GRACE = timedelta(seconds=30)
THREADS = 24


class Worker:
    """start() before the first request, stop() at the end; wake_run and wake_preview come from any thread."""

    def __init__(
        self,
        context: Context,
        engine: Engine,
        readiness: Readiness | None = None,
        waits: Patience | None = None,
    ) -> None:
        self.context = context
        self._engine = engine
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="fairway-work")
        ready, patience = readiness or TrustTheEngine(), waits or Patience()
        self._carrier = Carrier(context, engine, self._pool, ready, patience)
        self._previewer = Previewer(context, engine, self._pool)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run_loop, name="fairway-work-loop", daemon=True)
        self._presence = Presence(context.database, durable.executor_id(context.database))

    def start(self) -> None:
        """Launches DBOS, which takes up what was begun, and sweeps."""
        self._thread.start()
        self._call(self._launch())
        asyncio.run_coroutine_threadsafe(self._beat(), self._loop)

    def stop(self) -> None:
        """What is being applied stops after its steps in flight and goes on with the next start."""
        self._carrier.stopping = True
        self._previewer.close()
        self._engine.close()
        durable.destroy()
        self._call(self._end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def wake_run(self, run_id: str) -> None:
        if not self._carrier.stopping:
            asyncio.run_coroutine_threadsafe(self._go_on(run_id), self._loop)

    def wake_preview(self, preview_id: str) -> None:
        if not self._carrier.stopping:
            self._previewer.wake(preview_id)

    def sweep(self) -> None:
        """Starts what has no workflow, ends what lost it."""
        self._call(self._sweep())

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _call(self, coroutine: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=60)

    async def _launch(self) -> None:
        durable.launch(self.context.settings, self.context.database, self._carrier)
        await self._in_thread(self._presence.hold)
        await self._sweep()
        await self._in_thread(self._previewer.sweep)

    async def _go_on(self, run_id: str) -> None:
        try:
            await durable.start(run_id)
            self._carrier.wake(run_id)
        except Exception:
            if not self._carrier.stopping:
                LOG.exception("the run %s could not be started; the sweep tries again", run_id)

    async def _beat(self) -> None:
        """The lease of this executor, the recovery of those that are gone, and the sweep."""
        beats, held = 0, self._loop.time()
        while not self._carrier.stopping:
            await asyncio.sleep(BEAT_EVERY)
            beats += 1
            try:
                if not await self._in_thread(self._presence.hold):
                    LOG.warning("another server has taken over what this one was at")
                    self._engine.abandon()
                held = self._loop.time()
                await self._take_over()
                if beats * BEAT_EVERY % SWEEP_EVERY < BEAT_EVERY:
                    await self._sweep()
            except Exception:
                if not self._carrier.stopping:
                    LOG.exception("the workers' beat failed; it goes on")
                if self._loop.time() - held > LASTS.total_seconds() / 2:
                    self._engine.abandon()

    async def _take_over(self) -> None:
        """What executors were at that are gone."""
        gone = await self._in_thread(self._presence.claim)
        for executor in gone:
            self._engine.release(executor)
        if gone:
            await durable.recover(gone)
            await self._in_thread(self._presence.let_go, gone)

    async def _sweep(self) -> None:
        for run_id, created in await self._in_thread(self._live):
            status = await durable.status(run_id)
            if status is None:
                await durable.start(run_id)
            elif status in durable.ENDED and now() - created > GRACE:
                await self._in_thread(self._lost, run_id, status)
        await self._in_thread(self._let_follow)

    def _live(self) -> list[tuple[str, Any]]:
        with self.context.database.read() as session:
            query = (
                select(Run.id, Run.created_at).where(col(Run.state).in_(progress.LIVE)).order_by(col(Run.created_at))
            )
            return list(session.exec(query).all())

    def _let_follow(self) -> None:
        """Deployments that are owed an update for which nobody was there."""
        with self.context.database.read() as session:
            waiting = follow_ups.waiting(session)
        for resource_id in waiting:
            with self.context.database.write() as session:
                follow_ups.start(self.context, session, session.get_one(Resource, resource_id))

    def _lost(self, run_id: str, status: str) -> None:
        with self.context.database.write() as session:
            run = session.get_one(Run, run_id)
            if run.state.ended:
                return
            error = {
                "code": "lost",
                "message": f"The run's work ended as {status} before the run did",
                "hint": "Retry it; the server's log says more.",
                "causes": [],
            }
            progress.fail(self.context, session, run, session.get_one(Resource, run.resource_id), error)

    async def _in_thread(self, call: Any, *args: Any) -> Any:
        return await self._loop.run_in_executor(self._pool, call, *args)

    async def _end_tasks(self) -> None:
        current = asyncio.current_task()
        tasks = [t for t in asyncio.all_tasks() if t is not current]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
