"""Killing the chosen pods one by one: caps asked again, an intent before each call, an outcome after it."""

from dataclasses import dataclass, field
from enum import StrEnum

from fairway_chaos import guards, victims
from fairway_chaos.errors import BudgetRefuses, NoAnswer, NotEnough, TargetChanged
from fairway_chaos.experiment import Experiment, Method
from fairway_chaos.ports import Clock, Cluster, Record
from fairway_chaos.workload import Pod, Snapshot


class Outcome(StrEnum):
    KILLED = "killed"
    REFUSED_BY_PDB = "refused_by_pdb"
    TARGET_CHANGED = "target_changed"
    SKIPPED = "skipped"
    """The ceiling forbade it when its turn came."""
    FAILED = "failed"


@dataclass(frozen=True)
class Kill:
    """at: when the API server acknowledged it (monotonic), for KILLED only."""

    pod: Pod
    method: Method
    outcome: Outcome
    at: float | None = None
    detail: str = ""


@dataclass
class Killer:
    """taken: UIDs that this trial is done with; no pod gets a second call."""

    experiment: Experiment
    cluster: Cluster
    clock: Clock
    record: Record
    seed: int
    taken: set[str] = field(default_factory=set)

    def kill(self, pod: Pod) -> Kill:
        """One victim. When it is another pod by now, one more is drawn, once, inside the original cap."""
        done = self._attempt(pod)
        if done.outcome is not Outcome.TARGET_CHANGED:
            return done
        other = self._another()
        return self._attempt(other) if other is not None else done

    def _attempt(self, pod: Pod) -> Kill:
        self.taken.add(pod.uid)
        method = self.experiment.action.method
        objection = self._objection(pod)
        if objection:
            return Kill(pod, method, Outcome.SKIPPED, detail=objection)
        intent = self.record.intent(pod, method)
        outcome, detail = Outcome.KILLED, ""
        try:
            self._call(pod, method)
        except BudgetRefuses as error:
            outcome, detail = Outcome.REFUSED_BY_PDB, str(error)
        except TargetChanged as error:
            outcome, detail = Outcome.TARGET_CHANGED, str(error)
        except NoAnswer as error:
            outcome, detail = Outcome.FAILED, str(error)
        at = self.clock.now()
        self.record.outcome(intent, outcome, detail)
        return Kill(pod, method, outcome, at if outcome is Outcome.KILLED else None, detail)

    def _call(self, pod: Pod, method: Method) -> None:
        match method:
            case Method.DELETE:
                self.cluster.delete(pod)
            case Method.FORCE:
                self.cluster.delete(pod, grace=0)
            case Method.EVICT | Method.PDB_PROBE:
                self.cluster.evict(pod)

    def _objection(self, pod: Pod) -> str:
        if self.experiment.allow_outage:
            return ""
        try:
            return guards.objection_to(self.cluster.snapshot(), pod)
        except NoAnswer as error:
            return f"the cluster does not answer: {error}"

    def _another(self) -> Pod | None:
        try:
            snapshot: Snapshot = self.cluster.snapshot()
            choice = victims.choose(
                snapshot, self.experiment.action, self.seed, self.clock.wall(), besides=self.taken, count=1
            )
        except (NotEnough, NoAnswer):
            return None
        return choice.picks[0]
