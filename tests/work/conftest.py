"""A control plane with workers and the fake engine, whose environments are on a cluster with a kubeconfig."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlmodel import Session, select

from fairway.domain import events, previews, provisioning, runs
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.domain.wishes import Wish
from fairway.models import Cluster, Operation, Preview, PreviewState, Resource, Run, RunState
from fairway.work import FakeEngine, Worker, durable
from fairway.work.patience import Patience
from tests.cast import Cast
from tests.until import until


@dataclass
class Stage:
    """What the tests of the workers play on."""

    context: Context
    engine: FakeEngine
    cast: Cast
    make_worker: Callable[[], Worker]
    worker: Worker

    def ask(self, wish: Wish, actor: Actor | None = None, **given: Any) -> Run:
        with self.context.database.write() as session:
            return provisioning.request(self.context, session, actor or self.cast.bob, wish, **given)

    def run(self, identity: str) -> Run:
        with self.context.database.read() as session:
            return session.get_one(Run, identity)

    def reach(self, run: Run, *states: RunState) -> Run:
        return until(lambda: self.run(run.id), lambda r: r.state in states)

    def end(self, run: Run) -> Run:
        return until(lambda: self.run(run.id), lambda r: r.state.ended)

    def workflow(self, run: Run) -> str | None:
        """DBOS's word for where the run's workflow is."""
        return asyncio.run_coroutine_threadsafe(durable.status(run.id), self.worker._loop).result(20)

    def resource(self, run: Run) -> Resource:
        with self.context.database.read() as session:
            return session.get_one(Resource, run.resource_id)

    def told(self, run: Run, kind: str) -> list[dict[str, Any]]:
        with self.context.database.read() as session:
            return [e.data for e in events.after(session, f"run:{run.id}", 0) if e.kind == kind]

    def act(self, verb: Callable[..., Any], actor: Actor, run: Run, *args: Any) -> None:
        with self.context.database.write() as session:
            verb(self.context, session, actor, runs.named(session, actor, run.id), *args)

    def preview(self, wish: Wish, actor: Actor | None = None) -> Preview:
        with self.context.database.write() as session:
            row = previews.ask(self.context, session, actor or self.cast.bob, wish)

        def load() -> Preview:
            with self.context.database.read() as session:
                return session.get_one(Preview, row.id)

        return until(load, lambda p: p.state is not PreviewState.COMPUTING)

    def restart(self) -> None:
        self.worker.stop()
        self.worker = self.make_worker()


def seal_kubeconfigs(context: Context, session: Session) -> None:
    for row in session.exec(select(Cluster)).all():
        row.kubeconfig = context.vault.seal("apiVersion: v1", f"cluster:{row.id}")
        session.add(row)


@pytest.fixture
def stage(context: Context, cast: Cast) -> Iterator[Stage]:
    with context.database.write() as session:
        seal_kubeconfigs(context, session)
    engine = FakeEngine()
    stage: Stage
    listening = replace(
        context,
        wake_run=lambda identity: stage.worker.wake_run(identity),
        wake_preview=lambda identity: stage.worker.wake_preview(identity),
    )

    def make() -> Worker:
        worker = Worker(listening, engine, waits=Patience(first=0.05, longest=0.1))
        worker.start()
        return worker

    stage = Stage(listening, engine, cast, make, make())
    yield stage
    stage.worker.stop()


def create(name: str = "orders-db", environment: str = "dev", **changes: Any) -> Wish:
    wanted: dict[str, Any] = {"offering": "postgres", "plan": "dev", **changes}
    return Wish(Operation.CREATE, "shop", environment, name, **wanted)
