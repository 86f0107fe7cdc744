"""Who is killed, and who never is."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from fairway_chaos import guards, victims
from fairway_chaos.errors import NotEnough
from fairway_chaos.experiment import Action, Method, Mode, Order
from fairway_chaos.fake import FakeClock, FakeCluster
from fairway_chaos.workload import Snapshot

CLOCK = FakeClock()


def cluster(replicas: int = 6) -> Snapshot:
    return FakeCluster(CLOCK, replicas=replicas).snapshot()


def names(snapshot: Snapshot, action: Action, seed: int = 1) -> list[str]:
    return [pod.name for pod in victims.choose(snapshot, action, seed, CLOCK.wall()).picks]


def test_the_same_seed_and_pods_give_the_same_picks_in_whatever_order_they_are_listed() -> None:
    here = cluster()
    reversed_list = replace(here, pods=tuple(reversed(here.pods)))
    action = Action(mode=Mode.FIXED, count=3)
    assert names(here, action, 4711) == names(reversed_list, action, 4711)
    assert len({tuple(names(here, action, seed)) for seed in range(20)}) > 5


def test_picks_are_uniform_and_never_twice_the_same() -> None:
    here, counts = cluster(4), Counter[str]()
    for seed in range(2000):
        picks = names(here, Action(mode=Mode.FIXED, count=2), seed)
        assert len(set(picks)) == 2
        counts.update(picks)
    assert all(900 < count < 1100 for count in counts.values())


@pytest.mark.parametrize(
    ("action", "number"),
    [
        (Action(), 1),
        (Action(mode=Mode.ALL), 6),
        (Action(mode=Mode.FIXED, count=4), 4),
        (Action(mode=Mode.PERCENT, percent=1), 1),
        (Action(mode=Mode.PERCENT, percent=34), 3),
    ],
)
def test_modes_count_what_they_say(action: Action, number: int) -> None:
    assert len(names(cluster(), action)) == number


def test_a_random_percent_draws_from_one_to_its_most() -> None:
    action = Action(mode=Mode.RANDOM_MAX_PERCENT, percent=50)
    assert {len(names(cluster(), action, seed)) for seed in range(60)} == {1, 2, 3}


def test_the_excluded_are_taken_out_before_counting_and_told_why() -> None:
    here = cluster(4)
    first, second, third, fourth = here.pods
    young = replace(fourth, created_at=CLOCK.wall() - timedelta(seconds=5))
    old = replace(third, created_at=CLOCK.wall() - timedelta(hours=1))
    pods = (replace(first, terminating=True), replace(second, owner_uid=""), old, young)
    choice = victims.choose(replace(here, pods=pods), Action(mode=Mode.ALL, min_age=60), 1, CLOCK.wall())
    assert [pod.name for pod in choice.picks] == [third.name]
    reasons = [e.reason for e in choice.excluded]
    assert reasons == ["is terminating", "has no controller that would replace it", "is younger than 60 s"]


def test_too_few_candidates_are_an_error_and_no_success() -> None:
    with pytest.raises(NotEnough, match="7 pods of web are asked for, 6 may be killed"):
        names(cluster(), Action(mode=Mode.FIXED, count=7))
    with pytest.raises(NotEnough, match="it has no pods"):
        names(cluster(0), Action(mode=Mode.ALL))


def test_spread_takes_one_per_node_first() -> None:
    for seed in range(10):
        choice = victims.choose(cluster(), Action(mode=Mode.FIXED, count=2, order=Order.SPREAD), seed, CLOCK.wall())
        assert len({pod.node for pod in choice.picks}) == 2


def test_a_pdb_probe_takes_exactly_what_the_budget_allows() -> None:
    here = FakeCluster(CLOCK, replicas=6, allowed=2).snapshot()
    assert len(names(here, Action(method=Method.PDB_PROBE))) == 2
    with pytest.raises(NotEnough, match="No PodDisruptionBudget"):
        names(cluster(), Action(method=Method.PDB_PROBE))


@pytest.mark.parametrize(("desired", "most"), [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (7, 3)])
def test_half_is_the_most_and_one_stays(desired: int, most: int) -> None:
    here = cluster(desired)
    assert guards.ceiling(desired) == most
    assert [taking for taking in range(1, desired + 1) if not guards.objection(here, taking)] == [*range(1, most + 1)]
