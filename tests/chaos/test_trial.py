"""Whole trials, in a world of fakes: no waiting, every instant known."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from fairway_chaos import chaostoolkit, journal, junit
from fairway_chaos.engine import Trial, World
from fairway_chaos.experiment import Action, Experiment, Hypothesis, Method, Mode, Probe, ProbeKind
from fairway_chaos.fake import FakeClock, FakeCluster, FakeProber, FakeRecord
from fairway_chaos.killing import Outcome
from fairway_chaos.result import Result
from fairway_chaos.verdict import Verdict

EXPERIMENT = Experiment("web", baseline=5, after=5, duration=30, hypothesis=Hypothesis(availability=0.99, recovery=10))


class Stage:
    """A trial ready to run, and everything around it."""

    def __init__(self, experiment: Experiment = EXPERIMENT, **cluster: object) -> None:
        self.clock = FakeClock()
        self.cluster = FakeCluster(self.clock, **cluster)  # type: ignore[arg-type]
        self.prober = FakeProber(self.clock)
        self.record = FakeRecord()
        self.experiment = experiment

    def run(self) -> Result:
        world = World(self.cluster, self.prober, self.clock, self.record)
        return Trial(self.experiment, 4711, world).run()

    def at(self, seconds: float, call: Callable[[], None]) -> None:
        self.clock.at(self.clock.now() + seconds, call)


def test_a_workload_that_keeps_serving_and_recovers_passes() -> None:
    stage = Stage()
    result = stage.run()
    assert (result.verdict, result.score, result.coverage) == (Verdict.PASS, 100, 1)
    assert result.ttr == pytest.approx(2.5)
    assert result.recoveries[0].ttr == pytest.approx(2.5)
    assert stage.record.outcomes == ["killed"]
    assert len(stage.cluster.calls) == 1
    assert stage.prober.stopped


def test_the_availability_is_that_of_the_fault_window() -> None:
    stage = Stage(replace(EXPERIMENT, allow_outage=True), replicas=1)
    stage.prober.serves = lambda: any(pod.ready for pod in stage.cluster.pods.values())
    result = stage.run()
    assert result.verdict is Verdict.FAIL
    assert result.availability is not None
    assert result.availability.longest_outage == pytest.approx(2.5, abs=0.21)
    assert result.availability.ratio == pytest.approx(0.0, abs=0.1)
    assert result.ttr == pytest.approx(2.5)


def test_a_workload_that_never_recovers_fails_with_a_capped_score() -> None:
    stage = Stage(startup=None)
    result = stage.run()
    assert (result.verdict, result.ttr) == (Verdict.FAIL, None)
    assert result.score is not None and result.score <= 49
    found = next(c for c in result.checks if c.name == "recovery")
    assert found.found == "> 30 s"


@pytest.mark.parametrize(
    ("cluster", "reason"),
    [
        ({"replicas": 1}, "its whole service goes down"),
        ({"permitted": False}, "may not delete pods"),
        ({"rolling": True}, "rollout of web is in progress"),
        ({"namespace": "kube-system"}, "never a target"),
        ({"down": True}, "does not answer"),
        ({"replicas": 0}, "it has no pods"),
    ],
)
def test_a_trial_that_may_not_start_touches_nothing(cluster: dict[str, object], reason: str) -> None:
    stage = Stage(EXPERIMENT, **cluster)
    result = stage.run()
    assert result.verdict is Verdict.REFUSED
    assert reason in result.reason
    assert stage.cluster.calls == []
    assert stage.record.intents == []
    assert result.score is None


def test_an_abort_in_the_baseline_kills_nobody_within_a_second() -> None:
    stage = Stage()
    stage.at(2, lambda: setattr(stage.record, "halt", "bob: wrong service"))
    before = stage.clock.now()
    result = stage.run()
    assert (result.verdict, result.reason) == (Verdict.ABORTED, "bob: wrong service")
    assert stage.cluster.calls == []
    assert stage.clock.now() - before < 3
    assert stage.prober.stopped


def test_an_abort_between_two_kills_spares_the_rest_and_still_reports_the_first() -> None:
    action = Action(mode=Mode.FIXED, count=3, interval=5)
    stage = Stage(replace(EXPERIMENT, action=action), replicas=6)
    stage.at(7, lambda: setattr(stage.record, "halt", "kill switch"))
    result = stage.run()
    assert result.verdict is Verdict.ABORTED
    assert len(stage.cluster.calls) == 1
    assert result.score is None
    assert result.availability is not None


def test_a_halt_that_comes_with_the_kill_itself_still_holds() -> None:
    stage = Stage()
    stage.clock.at(stage.clock.now() + 5, lambda: None)
    told = stage.record.tell

    def tell(kind: str, data: object) -> None:
        told(kind, {})
        if stage.record.told[-1][0] == "state" and len([k for k, _ in stage.record.told if k == "state"]) == 3:
            stage.record.halt = "ada: stop"

    stage.record.tell = tell  # type: ignore[method-assign]
    assert stage.run().verdict is Verdict.ABORTED
    assert stage.cluster.calls == []


def test_three_bad_probes_in_a_row_stop_further_kills() -> None:
    action = Action(mode=Mode.FIXED, count=2, interval=3)
    stage = Stage(replace(EXPERIMENT, action=action), replicas=6)
    stage.prober.serves = lambda: not stage.cluster.calls
    result = stage.run()
    assert result.verdict is Verdict.ABORTED
    assert "3 probes in a row failed" in result.reason
    assert len(stage.cluster.calls) == 1


def test_the_ceiling_is_asked_again_right_before_each_kill() -> None:
    action = Action(mode=Mode.FIXED, count=2, interval=3)
    stage = Stage(replace(EXPERIMENT, action=action), replicas=4, startup=None)
    stage.at(6, lambda: stage.cluster._end(next(p for p in stage.cluster.pods.values() if p.ready)))
    result = stage.run()
    assert [kill.outcome for kill in result.kills] == [Outcome.KILLED, Outcome.SKIPPED]
    assert "is the most" in result.kills[1].detail


def test_a_pod_that_changed_is_replaced_by_one_other_inside_the_cap() -> None:
    stage = Stage(replicas=4)
    changed: list[str] = []

    def change() -> None:
        if not changed and stage.record.intents:
            changed.append(stage.record.intents[0][0])
            stage.cluster.replace_behind_the_back(changed[0])

    stage.cluster.before_call = change
    result = stage.run()
    assert [kill.outcome for kill in result.kills] == [Outcome.KILLED]
    assert len(stage.cluster.calls) == 1
    assert stage.record.outcomes == ["target_changed", "killed"]


def test_an_eviction_that_the_budget_refuses_is_a_result_and_no_failure_of_ours() -> None:
    stage = Stage(replace(EXPERIMENT, action=Action(method=Method.EVICT)), allowed=0)
    result = stage.run()
    assert result.verdict is Verdict.REFUSED
    assert [kill.outcome for kill in result.kills] == [Outcome.REFUSED_BY_PDB]


def test_a_pdb_probe_takes_what_the_budget_allows_by_eviction() -> None:
    stage = Stage(replace(EXPERIMENT, action=Action(method=Method.PDB_PROBE)), replicas=4, allowed=2)
    assert stage.run().verdict is Verdict.PASS
    assert [call for call, _ in stage.cluster.calls] == ["evict", "evict"]


def test_force_gives_no_grace() -> None:
    stage = Stage(replace(EXPERIMENT, action=Action(method=Method.FORCE)))
    stage.run()
    assert [call for call, _ in stage.cluster.calls] == ["force"]


def test_a_steady_state_that_does_not_hold_before_kills_nobody() -> None:
    stage = Stage()
    stage.prober.serves = lambda: False
    result = stage.run()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "nothing was killed" in result.reason
    assert stage.cluster.calls == []


def test_probes_that_we_could_not_send_decide_nothing() -> None:
    stage = Stage()
    stage.prober.lost = lambda at: bool(stage.cluster.calls) and int(at * 5) % 4 == 0
    result = stage.run()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "could not be sent" in result.reason


def test_probes_are_asked_before_and_after() -> None:
    probe = Probe(ProbeKind.KUBERNETES, "all ready")
    stage = Stage(replace(EXPERIMENT, hypothesis=Hypothesis(probes=(probe,))))
    result = stage.run()
    asked = [(c.phase, c.met) for c in result.checks if c.name == "all ready"]
    assert asked == [("before", True), ("after", True)]


def test_followers_hear_of_states_victims_readiness_and_probes() -> None:
    stage = Stage()
    stage.run()
    told = stage.record.told
    states = [data["state"] for kind, data in told if kind == "state"]
    assert states == ["preflight", "baseline", "injecting", "recovering", "settling"]
    assert [data["ready"] for kind, data in told if kind == "ready"] == [3, 2, 3]
    batches = [data["samples"] for kind, data in told if kind == "probes"]
    result_slots = sum(map(len, batches))
    assert result_slots > 80
    assert max(map(len, batches)) <= 7


def test_the_journal_is_json_and_its_summary_is_the_stable_document() -> None:
    result = Stage().run()
    document = journal.document(result)
    assert json.loads(json.dumps(document)) == document
    wanted = {"verdict", "score", "coverage", "seed", "victims", "workload", "availability", "hypothesis"}
    assert wanted | {"started_at", "ended_at"} <= set(journal.summary(result))
    (victim,) = document["victims"]
    assert {"pod", "uid", "method", "killed_at", "recovery"} <= set(victim)
    assert victim["recovery"] == {"reschedule": 0.5, "startup": 2.0, "ttr": 2.5}
    assert document["workload"]["ttr"] == 2.5


def test_a_report_for_ci_has_a_case_for_each_check() -> None:
    good = {"id": "1", **journal.summary(Stage().run())}
    refused = {"id": "2", **journal.summary(Stage(replicas=1).run())}
    xml = junit.report([good, refused])
    assert 'name="trial 1" tests="3" failures="0"' in xml
    assert "REFUSED" in xml and 'errors="1"' in xml


def test_a_journal_goes_out_in_the_format_of_chaos_toolkit() -> None:
    document = journal.document(Stage().run())
    told = chaostoolkit.journal(document, {"title": "x"})
    assert (told["status"], told["deviated"]) == ("completed", False)
    assert told["run"][0]["status"] == "succeeded"
