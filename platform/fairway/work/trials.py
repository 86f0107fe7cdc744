"""Runs trials, each in a thread of its own, and closes those that another process left behind.

A trial is never injected again: whoever takes one over whose executor fell silent finds out by UID what became of each
intent, measures nothing that it did not see, and closes the trial as INTERRUPTED.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from fairway.db import leases
from fairway.db.database import Database
from fairway.domain import slos, trial_rules
from fairway.domain import trial_progress as progress
from fairway.domain.context import Context
from fairway.kube.chaos import Target
from fairway.models import Environment, Intent, Resource, TrialState
from fairway.models import Trial as TrialRow
from fairway_chaos import NoProber, ProbeProcess, Trial, Verdict, World, journal, reading
from fairway_chaos.clock import RealClock
from fairway_chaos.errors import Halted, NoAnswer
from fairway_chaos.workload import Pod

LOG = logging.getLogger("fairway.work")
SWEEP = 5.0
LOOK = 0.25
RENEW = 4.0
ENDING = 5.0


class Trials:
    """`wake` may be called from any thread; `start` sweeps too, for what was woken nowhere."""

    def __init__(self, context: Context, executor: str = "") -> None:
        self._context = context
        self._executor = executor or leases.this_process()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads: dict[str, threading.Thread] = {}
        self._sweeper = threading.Thread(target=self._sweep, name="fairway-trials", daemon=True)

    def start(self) -> None:
        self._sweeper.start()

    def stop(self) -> None:
        """Running trials go through their abort path: no new kill, prober ended, closed as ABORTED."""
        self._stop.set()
        with self._lock:
            threads = list(self._threads.values())
        for thread in threads:
            thread.join(ENDING)

    def wake(self, trial_id: str) -> None:
        with self._lock:
            if trial_id in self._threads or self._stop.is_set():
                return
            thread = threading.Thread(target=self._run, args=(trial_id,), name=f"fairway-trial-{trial_id}", daemon=True)
            self._threads[trial_id] = thread
        thread.start()

    def _sweep(self) -> None:
        while not self._stop.is_set():
            try:
                with self._context.database.read() as session:
                    found = progress.waiting(session)
                for trial_id in found:
                    self.wake(trial_id)
            except Exception:
                LOG.exception("cannot look for trials; trying again")
            self._stop.wait(SWEEP)

    def _run(self, trial_id: str) -> None:
        try:
            with self._context.database.write() as session:
                row = progress.claim(session, trial_id, self._executor)
            if row is not None and row.started_at is None:
                self._execute(row)
            elif row is not None:
                self._take_over(row)
        except progress.Lost:
            LOG.warning("trial %s was taken over by another executor", trial_id)
        except Exception:
            LOG.exception("trial %s ended in an unforeseen error", trial_id)
        finally:
            with self._lock:
                self._threads.pop(trial_id, None)

    def _execute(self, row: TrialRow) -> None:
        target, experiment = self._target(row), reading.read(row.definition)
        with contextlib.suppress(NoAnswer):  # the trial itself says so
            experiment = trial_rules.without_what_is_out_of_reach(experiment, target.reaches)
        probe = experiment.hypothesis.probe
        prober = ProbeProcess(probe) if probe is not None else NoProber()
        record = Journaling(self._context.database, row.id, self._executor, self._stop, experiment.duration)
        world = World(target, prober, RealClock(), record)
        result = Trial(experiment, row.seed, world).run()
        with self._context.database.write() as session:
            summary = journal.summary(result)
            cost = {"cost": slos.cost(session, row.resource_id, summary["availability"])}
            progress.end(session, row.id, self._executor, summary | cost, journal.document(result) | cost)

    def _take_over(self, row: TrialRow) -> None:
        """What the dead executor had meant to do is settled by UID; nothing is done again."""
        with self._context.database.read() as session:
            intents = progress.intents(session, row.id)
        try:
            snapshot = self._target(row).snapshot()
        except NoAnswer:
            return  # the lease expires, and the sweep asks again once the cluster answers
        pods = {pod.uid: pod for pod in snapshot.pods}
        with self._context.database.write() as session:
            for intent in intents:
                if intent.outcome is None:
                    progress.settle(session, intent.id, _inferred(pods.get(intent.uid)))
        with self._context.database.write() as session:
            settled = progress.intents(session, row.id)
            summary = _interrupted(row, settled, len(snapshot.ready), snapshot.workload.desired)
            document = {"format": journal.FORMAT, "experiment": row.definition, **summary}
            progress.end(session, row.id, self._executor, summary, document)

    def _target(self, row: TrialRow) -> Target:
        with self._context.database.read() as session:
            resource = session.get_one(Resource, row.resource_id)
            cluster_id = session.get_one(Environment, resource.environment_id).cluster_id
        return Target(self._context.clusters.get(cluster_id), resource.namespace, resource.id)


class Journaling:
    """Implements fairway_chaos.ports.Record on the database; the lease is renewed while halts are looked for."""

    def __init__(
        self, database: Database, trial_id: str, executor: str, stop: threading.Event, deadline: float
    ) -> None:
        self._database = database
        self._trial_id = trial_id
        self._executor = executor
        self._stop = stop
        self._deadline = deadline
        self._looked = self._renewed = 0.0
        self._reason = ""

    def intent(self, pod: Pod, method: str) -> str:
        with self._database.write() as session:
            reason = self._stopping() or progress.reason_to_stop(session, self._trial_id, self._executor)
            if reason:
                raise Halted(reason)
            return progress.intend(
                session, self._trial_id, self._executor, (pod.name, pod.uid), str(method), self._deadline
            )

    def outcome(self, intent: str, outcome: str, detail: str = "") -> None:
        with self._database.write() as session:
            progress.settle(session, intent, str(outcome), detail)

    def tell(self, kind: str, data: Mapping[str, Any]) -> None:
        with self._database.write() as session:
            if kind == "state":
                progress.enter(session, self._trial_id, self._executor, TrialState(data["state"]), data["t"])
            else:
                progress.tell(session, session.get_one(TrialRow, self._trial_id), kind, data)

    def halted(self) -> str:
        """At most LOOK seconds old: an abort holds within a second."""
        now = time.monotonic()
        if now - self._renewed >= RENEW:
            self._renewed = now
            with self._database.write() as session:
                progress.renew(session, self._trial_id, self._executor)
        if now - self._looked >= LOOK:
            self._looked = now
            with self._database.read() as session:
                self._reason = progress.reason_to_stop(session, self._trial_id, self._executor)
        return self._stopping() or self._reason

    def _stopping(self) -> str:
        return "Fairway is shutting down" if self._stop.is_set() else ""


def _inferred(pod: Pod | None) -> str:
    return "killed_inferred" if pod is None or pod.terminating else "not_applied"


def _interrupted(row: TrialRow, intents: Sequence[Intent], ready: int, desired: int) -> dict[str, Any]:
    """The stable document of a trial whose executor died: what was measured died with it, and is left out."""
    return {
        "verdict": str(Verdict.INTERRUPTED),
        "reason": "the process that ran it ended; nothing was killed again",
        "score": None,
        "coverage": 0.0,
        "seed": row.seed,
        "victims": [
            {
                "pod": intent.pod,
                "uid": intent.uid,
                "method": intent.action,
                "outcome": intent.outcome,
                "detail": intent.detail,
                "killed_at": intent.outcome_at.isoformat()
                if intent.outcome == "killed" and intent.outcome_at
                else None,
                "recovery": {"reschedule": None, "startup": None, "ttr": None},
                "recovered": None,
            }
            for intent in intents
        ],
        "workload": {"ttr": None, "ready": ready, "desired": desired},
        "availability": None,
        "hypothesis": {"before": None, "during": None, "after": None},
        "started_at": row.started_at.isoformat() if row.started_at else None,
        "ended_at": None,
    }
