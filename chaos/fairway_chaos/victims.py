"""Who may be killed, and who is: exclude first, then count, then draw without replacement from a recorded seed."""

import math
import random
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from fairway_chaos.errors import NotEnough
from fairway_chaos.experiment import Action, Method, Mode, Order
from fairway_chaos.workload import Pod, Snapshot

FOREVER_AGO = 1e12


@dataclass(frozen=True)
class Excluded:
    pod: Pod
    reason: str


@dataclass(frozen=True)
class Choice:
    """seed: with the same pods it gives the same picks."""

    picks: tuple[Pod, ...]
    candidates: tuple[Pod, ...]
    excluded: tuple[Excluded, ...]
    seed: int


def choose(
    snapshot: Snapshot, action: Action, seed: int, now: datetime, *, besides: Collection[str] = (), count: int = 0
) -> Choice:
    """besides: UIDs that are out. count: pods to take, 0 for what the action says. Raises NotEnough."""
    candidates, excluded = consider(snapshot.pods, action, now, besides)
    if not candidates:
        why = "; ".join(f"{e.pod.name} {e.reason}" for e in excluded) or "it has no pods"
        raise NotEnough(f"No pod of {snapshot.workload.name} may be killed: {why}")
    draw = random.Random(seed)
    wanted = count or _wanted(action, snapshot, len(candidates), draw)
    if wanted > len(candidates):
        raise NotEnough(
            f"{wanted} pods of {snapshot.workload.name} are asked for, {len(candidates)} may be killed",
        )
    picks = _ordered(candidates, action.order, draw, now)[:wanted]
    return Choice(tuple(picks), tuple(candidates), tuple(excluded), seed)


def consider(
    pods: Sequence[Pod], action: Action, now: datetime, besides: Collection[str] = ()
) -> tuple[list[Pod], list[Excluded]]:
    """Candidates sorted by name, so that a seed means the same wherever the list comes from."""
    candidates, excluded = [], []
    for pod in sorted(pods, key=lambda p: (p.name, p.uid)):
        reason = "was taken already" if pod.uid in besides else _reason_against(pod, action, now)
        if reason:
            excluded.append(Excluded(pod, reason))
        else:
            candidates.append(pod)
    return candidates, excluded


def _reason_against(pod: Pod, action: Action, now: datetime) -> str:
    if pod.terminating:
        return "is terminating"
    if not pod.ready:
        return "is not ready"
    if not pod.owner_uid and not action.allow_bare:
        return "has no controller that would replace it"
    if _age(pod, now) < action.min_age:
        return f"is younger than {action.min_age:g} s"
    return ""


def _wanted(action: Action, snapshot: Snapshot, candidates: int, draw: random.Random) -> int:
    if action.method is Method.PDB_PROBE:
        if snapshot.budget is None:
            raise NotEnough(f"No PodDisruptionBudget covers {snapshot.workload.name}")
        if snapshot.budget.allowed < 1:
            raise NotEnough(f"The PodDisruptionBudget {snapshot.budget.name} allows no disruption now")
        return snapshot.budget.allowed
    match action.mode:
        case Mode.ONE:
            return 1
        case Mode.ALL:
            return candidates
        case Mode.FIXED:
            return action.count
        case Mode.PERCENT:
            return _share(candidates, action.percent)
        case Mode.RANDOM_MAX_PERCENT:
            return draw.randint(1, _share(candidates, action.percent))


def _share(candidates: int, percent: float) -> int:
    return max(1, math.ceil(candidates * percent / 100))


def _ordered(candidates: list[Pod], order: Order, draw: random.Random, now: datetime) -> list[Pod]:
    match order:
        case Order.RANDOM:
            return draw.sample(candidates, len(candidates))
        case Order.OLDEST:
            return sorted(candidates, key=lambda pod: -_age(pod, now))
        case Order.NEWEST:
            return sorted(candidates, key=lambda pod: _age(pod, now))
        case Order.NAME:
            return candidates
        case Order.SPREAD:
            return _spread(draw.sample(candidates, len(candidates)))


def _spread(pods: list[Pod]) -> list[Pod]:
    turns: dict[str, int] = defaultdict(int)
    turn_of = {}
    for pod in pods:
        turn_of[pod.uid] = turns[pod.node]
        turns[pod.node] += 1
    return sorted(pods, key=lambda pod: turn_of[pod.uid])


def _age(pod: Pod, now: datetime) -> float:
    return (now - pod.created_at).total_seconds() if pod.created_at else FOREVER_AGO
