"""Availability, verdict, score, recovery clocks."""

from dataclasses import replace

import pytest

from fairway_chaos import availability, verdict
from fairway_chaos.experiment import Method
from fairway_chaos.fake import FakeClock, FakeCluster
from fairway_chaos.killing import Kill, Outcome
from fairway_chaos.recovery import Tracker
from fairway_chaos.samples import Answer, Sample
from fairway_chaos.verdict import Check, Verdict
from fairway_chaos.workload import Change, Pod


def grid(answers: str) -> list[Sample]:
    """o ok, x refused, - not sent; five a second from 0."""
    kinds = {"o": Answer.OK, "x": Answer.REFUSED, "-": Answer.NOT_SENT}
    return [Sample(n * 0.2, n * 0.2, 0.01 * (n + 1), kinds[a]) for n, a in enumerate(answers)]


def test_the_wilson_interval_is_the_one_of_the_textbooks() -> None:
    low, high = availability.wilson(57, 60)
    assert (round(low, 3), round(high, 3)) == (0.863, 0.983)
    assert availability.wilson(10, 10)[1] == pytest.approx(1.0)
    assert availability.wilson(0, 10)[0] == 0.0


def test_availability_counts_the_slots_of_the_window_only() -> None:
    found = availability.measure(grid("xooxxooooox"), 0.2, 1.8)
    assert (found.ok, found.scheduled) == (7, 9)
    assert found.longest_outage == pytest.approx(0.4)
    assert found.ratio == pytest.approx(7 / 9)
    assert found.burn(0.9) == pytest.approx((2 / 9) / 0.1)


def test_the_service_is_back_with_the_first_of_five_good_probes() -> None:
    assert availability.measure(grid("oxoooxoooooo"), 0, 9).service_ttr == pytest.approx(1.0)
    assert availability.measure(grid("oooooo"), 0, 9).service_ttr == 0
    assert availability.measure(grid("ooxoooo"), 0, 9).service_ttr is None


def test_probes_that_we_failed_to_send_make_it_untrustworthy() -> None:
    assert availability.measure(grid("o" * 49 + "-"), 0, 99).trustworthy
    assert not availability.measure(grid("o" * 40 + "-"), 0, 99).trustworthy


def test_latency_is_told_by_nearest_rank() -> None:
    found = availability.latency(grid("o" * 100))
    assert found is not None
    assert (found.p50, found.p95, found.p99) == pytest.approx((0.5, 0.95, 0.99))


def test_the_score_is_over_what_was_evaluated() -> None:
    checks = [
        Check("a", "during", "", "", True, 0.5, weight=3),
        Check("b", "after", "", "", True, 1.0),
        Check("c", "after", "", "", None, None),
    ]
    assert verdict.score(checks) == pytest.approx(62.5)
    assert verdict.coverage(checks) == pytest.approx(2 / 3)
    assert verdict.decide(checks) is Verdict.PASS
    assert verdict.score(checks[2:]) is None
    assert verdict.decide(checks[2:]) is Verdict.INCONCLUSIVE


def test_a_critical_failure_caps_the_score() -> None:
    checks = [Check("a", "during", "", "", True, 1.0, weight=9), Check("b", "after", "", "", False, 0.0, critical=True)]
    assert verdict.score(checks) == 49
    assert verdict.decide(checks) is Verdict.FAIL


@pytest.mark.parametrize(
    ("ttr", "points"), [(5.0, 1.0), (10.0, 1.0), (15.0, 0.5), (20.0, 0.0), (99.0, 0.0), (None, 0.0)]
)
def test_recovery_gives_points_down_to_none_at_twice_the_objective(ttr: float | None, points: float) -> None:
    assert verdict.recovery_points(ttr, 10.0) == points


def kill(pod: Pod, at: float) -> Kill:
    return Kill(pod, Method.DELETE, Outcome.KILLED, at)


def test_the_recovery_of_a_pod_is_reschedule_plus_startup() -> None:
    here = FakeCluster(FakeClock(), replicas=2).snapshot()
    tracker, old = Tracker(here), here.pods[0]
    tracker.killed(old.uid, 10.0)
    new = Pod("web-9", "uid-new", old.owner_uid, "node-1", ready=False, scheduled=False)
    tracker.feed(Change(10.2, pod=new))
    tracker.feed(Change(10.5, pod=replace(new, scheduled=True)))
    tracker.feed(Change(14.0, pod=replace(new, scheduled=True, ready=True)))
    (found,) = tracker.recoveries([kill(old, 10.0)])
    assert (found.reschedule, found.startup, found.ttr) == pytest.approx((0.5, 3.5, 4.0))
    assert tracker.whole_at(23.9) is None
    assert tracker.whole_at(24.0) == 14.0


def test_a_workload_that_does_not_hold_is_not_whole_yet() -> None:
    here = FakeCluster(FakeClock(), replicas=1).snapshot()
    tracker, old = Tracker(here), here.pods[0]
    tracker.killed(old.uid, 0.0)
    new = Pod("web-9", "uid-new", old.owner_uid)
    tracker.feed(Change(2.0, pod=new))
    tracker.feed(Change(5.0, pod=replace(new, ready=False)))
    tracker.feed(Change(8.0, pod=new))
    assert tracker.whole_at(13.0) is None
    assert tracker.whole_at(18.0) == 8.0


def test_pods_of_a_stateful_set_are_paired_by_name_and_each_replacement_serves_once() -> None:
    here = FakeCluster(FakeClock(), replicas=2, kind="StatefulSet", name="db").snapshot()
    tracker, (first, second) = Tracker(here), here.pods
    tracker.feed(Change(3.0, pod=replace(second, uid="new-1")))
    found = tracker.recoveries([kill(first, 1.0), kill(second, 2.0)])
    assert [r.replacement for r in found] == ["", second.name]


def test_a_killed_pod_counts_as_gone_at_once() -> None:
    here = FakeCluster(FakeClock(), replicas=3).snapshot()
    tracker = Tracker(here)
    tracker.killed(here.pods[0].uid, 1.0)
    tracker.feed(Change(1.1, pod=here.pods[0]))
    assert tracker.ready == 2
