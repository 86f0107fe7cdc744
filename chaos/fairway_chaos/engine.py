"""One trial from preflight to verdict. All of the world comes in through ports, so that a test can be the world."""

import contextlib
import queue
from collections.abc import Callable
from dataclasses import dataclass

from fairway_chaos import asking, availability, checks, journal, preflight, verdict
from fairway_chaos.asking import Answered
from fairway_chaos.checks import AFTER, BEFORE, Measured
from fairway_chaos.errors import ChaosError, Halted, NoAnswer
from fairway_chaos.experiment import Experiment, Probe
from fairway_chaos.killing import Kill, Killer, Outcome
from fairway_chaos.ports import Clock, Cluster, Prober, Record
from fairway_chaos.recovery import Tracker
from fairway_chaos.result import Result
from fairway_chaos.verdict import Verdict
from fairway_chaos.workload import Change, Snapshot

TICK = 0.1
BATCH = 1.0


@dataclass(frozen=True)
class World:
    """The ports that a trial uses; ask answers a probe that is asked once."""

    cluster: Cluster
    prober: Prober
    clock: Clock
    record: Record
    ask: Callable[[Probe, Snapshot], Answered] = asking.ask


class Trial:
    """`run()` once. Only `record.halted()` and the experiment's own bounds end it early."""

    def __init__(self, experiment: Experiment, seed: int, world: World) -> None:
        self.experiment = experiment
        self.world = world
        self.result = Result(experiment, seed, world.clock.now(), world.clock.wall())
        self._inbox: queue.SimpleQueue[Change] = queue.SimpleQueue()
        self._tracker: Tracker | None = None
        self._told_ready: int | None = None
        self._last_batch = 0.0
        self._told = 0

    def run(self) -> Result:
        """Always comes to a verdict, and always ends the prober and the watch."""
        result, end_watch = self.result, _nothing
        try:
            end_watch = self._prepare()
            self._baseline()
            self._inject()
            self._recover()
            self._settle()
            self._judge()
        except Halted as stop:
            result.verdict, result.reason = Verdict.ABORTED, str(stop)
        except _Closed as closed:
            result.verdict, result.reason = closed.verdict, str(closed)
        except ChaosError as error:
            result.verdict, result.reason = Verdict.INCONCLUSIVE, str(error)
        finally:
            end_watch()
            result.samples += self.world.prober.stop()
        self._close()
        return result

    def _prepare(self) -> Callable[[], None]:
        self._enter("preflight")
        result, world = self.result, self.world
        self._check_halt()
        try:
            found = preflight.look(self.experiment, world.cluster, result.seed, world.clock.wall(), dry_run=False)
        except NoAnswer as error:
            raise _Closed(Verdict.REFUSED, f"the cluster does not answer: {error}") from error
        result.preflight = found
        if found.refusal:
            raise _Closed(Verdict.REFUSED, found.refusal)
        self._tracker = Tracker(found.snapshot)
        result.desired, result.ready = self._tracker.desired, self._tracker.ready
        world.prober.start()
        self._ask(BEFORE)
        return world.cluster.follow(found.snapshot, self._inbox.put)

    def _baseline(self) -> None:
        self._enter("baseline")
        end = self.world.clock.now() + self.experiment.baseline
        while self.world.clock.now() < end:
            self._tick()
        bad = [title for title, met, _ in self.result.asked.get(BEFORE, ()) if met is False]
        if bad:
            raise _Closed(Verdict.INCONCLUSIVE, f"{', '.join(bad)} did not hold before the fault: nothing was killed")
        objective = self.experiment.hypothesis.availability
        before = availability.measure(self.result.samples, self.result.started, end)
        if objective is not None and before.ratio is not None and before.ratio < objective and before.trustworthy:
            said = f"{100 * before.ratio:.1f} % of probes were good before the fault: nothing was killed"
            raise _Closed(Verdict.INCONCLUSIVE, said)

    def _inject(self) -> None:
        self._enter("injecting")
        result, world = self.result, self.world
        assert result.preflight is not None and result.preflight.choice is not None and self._tracker is not None
        killer = Killer(self.experiment, world.cluster, world.clock, world.record, result.seed)
        for number, pod in enumerate(result.preflight.choice.picks):
            if number:
                self._pause(self.experiment.action.interval)
            self._tick(0.0)
            kill = killer.kill(pod)
            result.kills.append(kill)
            if kill.at is not None:
                self._tracker.killed(kill.pod.uid, kill.at)
            world.record.tell("victim", journal.victim(result, kill, None))
        if not self._killed:
            outcomes = {kill.outcome for kill in result.kills}
            why = "; ".join(f"{k.pod.name}: {k.outcome} {k.detail}".strip() for k in result.kills)
            refused = outcomes <= {Outcome.REFUSED_BY_PDB, Outcome.SKIPPED}
            raise _Closed(Verdict.REFUSED if refused else Verdict.INCONCLUSIVE, f"nothing was killed: {why}")

    def _recover(self) -> None:
        self._enter("recovering")
        assert self._tracker is not None
        first = min(kill.at for kill in self._killed if kill.at is not None)
        last = max(kill.at for kill in self._killed if kill.at is not None)
        self.result.window = (first, self.world.clock.now())
        whole = None
        while whole is None:
            now = self.world.clock.now()
            if now - last > self.experiment.duration and self._tracker.whole_since is None:
                break
            self._tick()
            whole = self._tracker.whole_at(self.world.clock.now())
            self.result.window = (first, whole if whole is not None else self.world.clock.now())
        within = whole is not None and whole - last <= self.experiment.duration
        self.result.ttr = whole - first if whole is not None and within else None
        self.result.recoveries = self._tracker.recoveries(self.result.kills)
        for kill, recovery in zip(self.result.kills, self.result.recoveries, strict=True):
            self.world.record.tell("victim", journal.victim(self.result, kill, recovery))

    def _settle(self) -> None:
        self._enter("settling")
        assert self.result.window is not None
        end = self.result.window[1] + self.experiment.after
        while self.world.clock.now() < end:
            self._tick()
        self._ask(AFTER)

    def _judge(self) -> None:
        """The verdict of a trial that ran to its end."""
        result = self.result
        result.samples += self.world.prober.stop()
        self._measure()
        if result.availability is not None and not result.availability.trustworthy:
            said = f"{result.availability.not_sent} of {result.availability.scheduled} probes could not be sent in time"
            raise _Closed(Verdict.INCONCLUSIVE, said)
        result.verdict = verdict.decide(result.checks)

    def _close(self) -> None:
        result, clock = self.result, self.world.clock
        if self._tracker is not None:
            self._drain()
            result.gaps, result.ready = tuple(self._tracker.gaps), self._tracker.ready
            if not result.recoveries:
                result.recoveries = self._tracker.recoveries(result.kills)
        if result.window is None and self._killed:
            result.window = (min(k.at for k in self._killed if k.at is not None), clock.now())
        if self._killed and AFTER not in result.asked:
            with contextlib.suppress(NoAnswer):
                self._ask(AFTER)
        self._measure()
        self._tell_probes(force=True)
        result.ended_at = clock.wall()
        result.phases["ended"] = clock.now() - result.started

    def _measure(self) -> None:
        result, hypothesis = self.result, self.experiment.hypothesis
        if result.window is None or self._tracker is None:
            return
        if result.samples:
            result.availability = availability.measure(result.samples, *result.window)
        parts = result.parts()
        measured = Measured(
            desired=self._tracker.desired,
            ready=self._tracker.ready,
            ttr=result.ttr,
            limit=self.experiment.duration,
            available=result.availability,
            before=parts["before"],
            during=parts["during"],
            after=parts["after"],
            probes=result.asked,
        )
        if result.verdict not in (Verdict.ABORTED, Verdict.REFUSED):
            result.checks = checks.evaluate(hypothesis, measured)
            result.score, result.coverage = verdict.score(result.checks), verdict.coverage(result.checks)

    @property
    def _killed(self) -> list[Kill]:
        return [kill for kill in self.result.kills if kill.outcome is Outcome.KILLED]

    def _ask(self, phase: str) -> None:
        found = self.experiment.hypothesis.probes
        if found:
            snapshot = self.world.cluster.snapshot()
            self.result.asked[phase] = [(p.title, *self.world.ask(p, snapshot)) for p in found]

    def _pause(self, seconds: float) -> None:
        end = self.world.clock.now() + seconds
        while self.world.clock.now() < end:
            self._tick()

    def _tick(self, seconds: float = TICK) -> None:
        """A short wait in which changes and samples are taken in, told, and a halt is noticed."""
        if seconds:
            self.world.clock.wait(seconds)
        self._drain()
        self.result.samples += self.world.prober.read()
        self._tell_ready()
        self._tell_probes()
        self._check_halt()
        self._check_stop_condition()

    def _drain(self) -> None:
        assert self._tracker is not None
        while not self._inbox.empty():
            self._tracker.feed(self._inbox.get())

    def _tell_ready(self) -> None:
        assert self._tracker is not None
        if self._tracker.ready != self._told_ready:
            self._told_ready = self._tracker.ready
            data = {"t": self._since_start(), "ready": self._told_ready, "desired": self._tracker.desired}
            self.world.record.tell("ready", data)

    def _tell_probes(self, force: bool = False) -> None:
        now = self.world.clock.now()
        fresh = self.result.samples[self._told :]
        if fresh and (force or now - self._last_batch >= BATCH):
            self._last_batch, self._told = now, len(self.result.samples)
            self.world.record.tell("probes", {"samples": journal.samples(self.result, fresh)})

    def _check_halt(self) -> None:
        reason = self.world.record.halted()
        if reason:
            raise Halted(reason)

    def _check_stop_condition(self) -> None:
        """Only while there is something left to stop: pods that are still to be killed."""
        limit, found = self.experiment.hypothesis.stop_after, self.result.preflight
        left = found is not None and found.choice is not None and 0 < len(self.result.kills) < len(found.choice.picks)
        if not limit or not left or self.experiment.allow_outage:
            return
        newest = self.result.samples[-limit:]
        if len(newest) == limit and all(sample.bad for sample in newest):
            raise Halted(f"stop condition: {limit} probes in a row failed")

    def _enter(self, state: str) -> None:
        self.result.phases[state] = self._since_start()
        self.world.record.tell("state", {"state": state, "t": self._since_start()})

    def _since_start(self) -> float:
        return round(self.world.clock.now() - self.result.started, 3)


class _Closed(Exception):
    """The trial is over, with this verdict."""

    def __init__(self, found: Verdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict = found


def _nothing() -> None:
    """There is no watch to end yet."""
