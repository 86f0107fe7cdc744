"""Everything that is asked before anything is touched; what it answers is the preview of the trial."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fairway_chaos import guards, victims
from fairway_chaos.errors import BudgetRefuses, NoAnswer, NotEnough, TargetChanged
from fairway_chaos.experiment import Experiment, Method
from fairway_chaos.ports import Cluster
from fairway_chaos.victims import Choice
from fairway_chaos.workload import Pod, Snapshot

CLEAR, NOTE, STOP = "clear", "note", "stop"


@dataclass(frozen=True)
class Check:
    """state: clear, note (to know) or stop (the trial is refused)."""

    name: str
    state: str
    detail: str


@dataclass(frozen=True)
class Preflight:
    """choice is None where there is nobody to choose."""

    snapshot: Snapshot
    choice: Choice | None
    checks: tuple[Check, ...]

    @property
    def refusal(self) -> str:
        """Why the trial may not start; empty when it may."""
        return "; ".join(f"{c.name}: {c.detail}" for c in self.checks if c.state == STOP)

    @property
    def takes_all_down(self) -> bool:
        return self.choice is not None and guards.takes_all_down(self.snapshot, len(self.choice.picks))


def look(experiment: Experiment, cluster: Cluster, seed: int, now: datetime, *, dry_run: bool = True) -> Preflight:
    """Raises NoAnswer. Changes nothing: the kills are asked for as a dry run."""
    snapshot = cluster.snapshot()
    checks = [_place(snapshot), _access(experiment, cluster, snapshot), _rollout(snapshot), _health(snapshot)]
    try:
        choice = victims.choose(snapshot, experiment.action, seed, now)
    except NotEnough as error:
        return Preflight(snapshot, None, (*checks, Check("candidates", STOP, str(error))))
    number = len(choice.candidates)
    checks.append(Check("candidates", CLEAR, f"{number} of {len(snapshot.pods)} pods may be killed"))
    checks.append(_ceiling(experiment, snapshot, len(choice.picks)))
    checks.append(_budget(experiment, snapshot, len(choice.picks)))
    if dry_run and not any(c.state == STOP for c in checks):
        checks.append(_dry_run(experiment, cluster, choice.picks))
    return Preflight(snapshot, choice, tuple(checks))


def _place(snapshot: Snapshot) -> Check:
    if snapshot.workload.namespace in guards.NEVER:
        return Check("place", STOP, f"The namespace {snapshot.workload.namespace} is never a target")
    return Check("place", CLEAR, f"{snapshot.workload.kind} {snapshot.workload.name} in {snapshot.workload.namespace}")


def _access(experiment: Experiment, cluster: Cluster, snapshot: Snapshot) -> Check:
    evicts = experiment.action.method in (Method.EVICT, Method.PDB_PROBE)
    verb, what = ("create", "pods/eviction") if evicts else ("delete", "pods")
    where = snapshot.workload.namespace
    if cluster.may(verb, what):
        return Check("access", CLEAR, f"Fairway may {verb} {what} in {where}")
    return Check("access", STOP, f"Fairway may not {verb} {what} in {where}")


def _rollout(snapshot: Snapshot) -> Check:
    if snapshot.workload.rolling:
        return Check("rollout", STOP, f"A rollout of {snapshot.workload.name} is in progress")
    return Check("rollout", CLEAR, "None in progress")


def _health(snapshot: Snapshot) -> Check:
    desired, ready = snapshot.workload.desired, len(snapshot.ready)
    said = f"{ready} of {desired} pods are ready"
    return Check("health", CLEAR if ready >= desired else STOP, said)


def _ceiling(experiment: Experiment, snapshot: Snapshot, taking: int) -> Check:
    objection = guards.objection(snapshot, taking)
    share = f"{taking} of {snapshot.workload.desired} pods"
    if not objection:
        return Check("ceiling", CLEAR, f"{share}, {guards.ceiling(snapshot.workload.desired)} is the most")
    return Check("ceiling", NOTE if experiment.allow_outage else STOP, f"{share}: {objection}")


def _budget(experiment: Experiment, snapshot: Snapshot, taking: int) -> Check:
    if snapshot.budget is None:
        return Check("budget", CLEAR, "No PodDisruptionBudget covers it")
    allowed = snapshot.budget.allowed
    said = f"{snapshot.budget.name} allows {allowed}, this takes {taking}"
    if taking <= allowed:
        return Check("budget", CLEAR, said)
    asks = experiment.action.method in (Method.EVICT, Method.PDB_PROBE)
    return Check("budget", NOTE, f"{said}: {'evictions will be refused' if asks else 'a delete does not ask it'}")


def _dry_run(experiment: Experiment, cluster: Cluster, picks: Sequence[Pod]) -> Check:
    evicts = experiment.action.method in (Method.EVICT, Method.PDB_PROBE)
    for pod in picks:
        try:
            if evicts:
                cluster.evict(pod, dry_run=True)
            else:
                cluster.delete(pod, dry_run=True)
        except BudgetRefuses as error:
            return Check("dry run", NOTE, f"{pod.name}: {error}")
        except (TargetChanged, NoAnswer) as error:
            return Check("dry run", STOP, f"{pod.name}: {error}")
    return Check("dry run", CLEAR, f"The server accepts all {len(picks)}")
