"""Reading experiments."""

import pytest

from fairway_chaos import chaostoolkit, reading
from fairway_chaos.errors import BadExperiment
from fairway_chaos.experiment import Method, Mode, ProbeKind

YAML = """
resource: web
title: Kill a third
action: {method: evict, percent: 30, seed: 4711}
baseline: 5
hypothesis:
  availability: 0.99
  recovery: 15
  probe: {kind: http, path: /healthz, status: 200}
"""


def wrong(document: object) -> dict[str, str]:
    with pytest.raises(BadExperiment) as caught:
        reading.read(document)  # type: ignore[arg-type]
    return {p.pointer: p.detail for p in caught.value.problems}


def test_an_experiment_comes_from_yaml_and_survives_its_own_document() -> None:
    experiment = reading.read(reading.parse(YAML))
    assert (experiment.action.method, experiment.action.mode) == (Method.EVICT, Mode.PERCENT)
    assert experiment.hypothesis.probe is not None and experiment.hypothesis.probe.status == (200, 200)
    assert reading.read(experiment.document()) == experiment


def test_every_wrong_field_is_named_at_once() -> None:
    found = wrong({"resource": "", "action": {"method": "nuke", "count": 0, "cuont": 2}, "baseline": "long"})
    assert set(found) == {"/resource", "/action/method", "/action/count", "/action/cuont", "/baseline"}
    assert "none of delete, force, evict, pdb-probe" in found["/action/method"]
    assert "count was meant" in found["/action/cuont"]


def test_a_percent_is_asked_for_where_the_mode_needs_one() -> None:
    assert "/action/percent" in wrong({"resource": "web", "action": {"mode": "percent"}})


@pytest.mark.parametrize("document", [None, [], "text", {"resource": 3}, {"resource": "web", "action": []}])
def test_what_is_no_experiment_is_refused(document: object) -> None:
    assert wrong(document)


def test_a_syntax_error_tells_its_line() -> None:
    with pytest.raises(BadExperiment, match="line 2"):
        reading.parse("resource: web\naction: [")


def toolkit(**arguments: object) -> dict[str, object]:
    provider = {"type": "python", "module": "chaosk8s.pod.actions", "func": "terminate_pods", "arguments": arguments}
    http = {"type": "http", "url": "http://127.0.0.1:8080/healthz"}
    return {
        "title": "Kill one",
        "steady-state-hypothesis": {"probes": [{"name": "up", "tolerance": 200, "provider": http}]},
        "method": [{"type": "action", "name": "kill", "provider": provider, "pauses": {"after": 10}}],
    }


def test_a_chaos_toolkit_experiment_that_maps_is_taken_over() -> None:
    experiment = chaostoolkit.read(toolkit(label_selector="app.kubernetes.io/name=web", qty=2, grace_period=0))
    assert (experiment.resource, experiment.action.method, experiment.action.count) == ("web", Method.FORCE, 2)
    assert experiment.after == 10
    assert experiment.hypothesis.probes[0].kind is ProbeKind.HTTP


def test_what_of_it_cannot_be_honoured_is_refused_by_name() -> None:
    document = toolkit(label_selector="app=web", name_pattern="x.*", grace_period=7)
    document["rollbacks"] = [{"type": "action"}]
    with pytest.raises(BadExperiment) as caught:
        chaostoolkit.read(document)
    pointers = {p.pointer for p in caught.value.problems}
    base = "/method/0/provider/arguments"
    assert pointers == {f"{base}/name_pattern", f"{base}/grace_period", "/rollbacks"}
