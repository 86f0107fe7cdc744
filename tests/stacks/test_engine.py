"""The embedded engine against a cluster: what each operation does, leaves in state, and says."""

import json
from dataclasses import replace

import pytest

from fairway_stacks.port import EngineError, Result, StackLocked
from fairway_stacks.state import locks
from tests.sandbox.objects import deployment
from tests.stacks.conftest import PASSWORD, Bench


def steps(result: Result) -> list[tuple[str, str]]:
    return [(s.op, s.name) for s in result.steps if not s.type.startswith("pulumi:")]


def test_a_preview_tells_all_and_touches_nothing(bench: Bench) -> None:
    planned = bench.preview(bench.config_map("one"), bench.config_map("two"))
    assert planned.succeeded and sorted(steps(planned)) == [("create", "one"), ("create", "two")]
    assert [s.type for s in planned.steps if s.component] == ["pulumi:pulumi:Stack"]
    assert bench.config_maps() == {}
    assert bench.resources() == []


def test_what_is_wished_is_created_kept_changed_and_removed(bench: Bench) -> None:
    first = bench.up(bench.config_map("one"), bench.config_map("two"))
    assert first.succeeded and bench.config_maps() == {"one": "1", "two": "1"}
    assert first.outputs["names"].value == ["one", "two"]
    again = bench.up(bench.config_map("one"), bench.config_map("two"))
    assert {op for op, _ in steps(again)} == {"same"}
    labelled = bench.config_map("one")
    labelled["metadata"]["labels"] = {"tier": "gold"}
    changed = bench.up(labelled)
    assert sorted(steps(changed)) == [("delete", "two"), ("update", "one")]
    assert next(s for s in changed.steps if s.op == "update").diff == {"metadata.labels": "add"}
    assert bench.sandbox.get(bench.path("one"))["metadata"]["labels"]["tier"] == "gold"
    assert bench.config_maps() == {"one": "1"}


def test_the_data_of_a_config_map_is_replaced_as_pulumi_does_it(bench: Bench) -> None:
    """A fixed name makes way first; an automatic one stays until the new one is there."""
    bench.up(bench.config_map("fixed"), bench.config_map("auto", fixed=False))
    before = bench.config_maps()
    uid = bench.sandbox.get(bench.path("fixed"))["metadata"]["uid"]
    changed = bench.up(bench.config_map("fixed", "2"), bench.config_map("auto", "2", fixed=False))
    assert sorted(steps(changed)) == [("replace", "auto"), ("replace", "fixed")]
    after = bench.config_maps()
    assert set(after.values()) == {"2"} and len(after) == 2
    assert bench.sandbox.get(bench.path("fixed"))["metadata"]["uid"] != uid
    assert len(set(before) & set(after)) == 1
    told = [e["resourcePreEvent"]["metadata"] for e in bench.events if "resourcePreEvent" in e]
    order = {"fixed": ["delete-replaced", "create-replacement"], "auto": ["create-replacement", "delete-replaced"]}
    for name, wanted in order.items():
        found = [m["op"] for m in told if m["urn"].endswith(f"::{name}") and m["op"] in wanted]
        assert found == wanted, name


def test_a_protected_object_stays_and_the_refusal_says_how(bench: Bench) -> None:
    bench.up(bench.config_map("one", options={"protect": True}))
    refused = bench.up()
    assert not refused.succeeded and "lift its protection" in refused.errors[0][1]
    assert bench.config_maps() == {"one": "1"}
    replaced = bench.up(bench.config_map("one", "2", options={"protect": True}))
    assert not replaced.succeeded and "protected" in replaced.errors[0][1]
    assert not bench.engine.destroy(bench.stack).succeeded
    assert bench.config_maps() == {"one": "1"}
    assert bench.up(bench.config_map("one")).succeeded
    assert bench.engine.destroy(bench.stack).succeeded
    assert bench.config_maps() == {}


def test_what_is_retained_leaves_state_alone(bench: Bench) -> None:
    bench.up(bench.config_map("one", options={"retain_on_delete": True}))
    assert bench.up().succeeded
    assert bench.resources() == []
    assert bench.config_maps() == {"one": "1"}


def test_an_object_that_somebody_else_made_is_not_taken(bench: Bench) -> None:
    bench.apply("mine", "theirs")
    refused = bench.up(bench.config_map("mine"), bench.config_map("after", after=["mine"]))
    assert not refused.succeeded and "already exists" in refused.errors[0][1]
    assert bench.config_maps() == {"mine": "theirs"}
    assert bench.resources() == []


def test_a_create_that_a_kill_interrupted_is_gone_on_with(bench: Bench) -> None:
    """State says `creating`, the object is there: it is ours, and nothing is made twice."""
    bench.up(bench.config_map("one"))
    document = bench.engine.export(bench.stack)
    resources = document["deployment"]["resources"]
    (made,) = [one for one in resources if one["urn"].endswith("::one")]
    document["deployment"]["resources"] = [one for one in resources if one is not made]
    begun = {key: value for key, value in made.items() if key not in ("id", "outputs")}
    document["deployment"]["pending_operations"] = [{"resource": begun, "type": "creating"}]
    bench.engine.import_(bench.stack, document)
    uid = bench.sandbox.get(bench.path("one"))["metadata"]["uid"]
    resumed = bench.up(bench.config_map("one"))
    assert resumed.succeeded, resumed.errors
    assert bench.sandbox.get(bench.path("one"))["metadata"]["uid"] == uid
    assert [one["urn"].rsplit("::", 1)[1] for one in bench.resources()] == ["one"]
    assert "pending_operations" not in bench.engine.export(bench.stack)["deployment"]


def test_an_object_that_the_cluster_refuses_fails_its_step_alone(bench: Bench) -> None:
    bad = bench.config_map("two", after=["one"])
    bad["metadata"]["name"] = "Not A Name"
    refused = bench.up(bench.config_map("one"), bad)
    assert not refused.succeeded
    ((urn, message),) = refused.errors
    assert urn.endswith("::two") and "metadata.name" in message
    assert bench.config_maps() == {"one": "1"}
    assert [one["id"] for one in bench.resources()] == [f"{bench.namespace}/one"]


def test_a_program_that_is_not_installed_fails_with_its_name_and_the_way_out(bench: Bench) -> None:
    result = bench.engine.up(replace(bench.stack, program="acme_offerings.mailbox:main"))
    assert not result.succeeded
    ((_, message),) = result.errors
    assert "acme_offerings.mailbox:main cannot be imported: No module named 'acme_offerings'" in message
    assert "Traceback" not in message


def test_a_refresh_takes_over_what_is_there_and_an_update_puts_it_right(bench: Bench) -> None:
    bench.up(bench.config_map("one"), bench.config_map("two"))
    bench.apply("one", "drifted")
    bench.sandbox.http.delete(bench.path("two")).raise_for_status()
    found = bench.engine.refresh(bench.stack)
    assert sorted(steps(found)) == [("delete", "two"), ("update", "one")]
    assert len(bench.resources()) == 1
    assert bench.up(bench.config_map("one"), bench.config_map("two")).succeeded
    assert bench.config_maps() == {"one": "1", "two": "1"}


def test_a_destroy_goes_in_order_and_a_destroyed_stack_can_be_removed(bench: Bench) -> None:
    bench.up(bench.config_map("one"), bench.config_map("two", after=["one"]))
    with pytest.raises(EngineError, match="still has resources"):
        bench.engine.remove(bench.stack)
    planned = bench.engine.preview_destroy(bench.stack)
    assert len(bench.config_maps()) == 2
    done = bench.engine.destroy(bench.stack)
    assert steps(planned) == steps(done) == [("delete", "two"), ("delete", "one")]
    assert bench.config_maps() == {}
    bench.engine.remove(bench.stack)
    assert bench.resources() == []
    assert any(key.endswith(".history.json") for key in bench.store.keys(".pulumi/history"))


def test_secrets_are_encrypted_in_state_and_masked_in_events(bench: Bench) -> None:
    metadata = {"namespace": bench.namespace, "name": "key"}
    done = bench.up({"kind": "Secret", "name": "key", "metadata": metadata})
    assert done.succeeded and done.outputs["password"].value == PASSWORD and done.outputs["password"].secret
    inner = json.dumps(PASSWORD)[1:-1]
    for key in bench.store.keys(".pulumi"):
        text = (bench.store.read(key) or b"").decode()
        assert inner not in text and PASSWORD not in text, key
    assert inner not in json.dumps(bench.events) and PASSWORD not in str(bench.events)
    assert PASSWORD not in repr(done)


def test_a_broken_program_and_a_name_given_twice_change_nothing(bench: Bench) -> None:
    broken = bench.up({"kind": "Teapot", "name": "pot"})
    assert not broken.succeeded and "no Teapot here" in broken.errors[0][1]
    twice = bench.engine.up(replace(bench.wish(), program="tests.stacks.programs:twice"))
    assert not twice.succeeded and any("registered twice" in message for _, message in twice.errors)


def test_a_stack_that_is_being_worked_on_is_locked(bench: Bench) -> None:
    folder = f".pulumi/locks/organization/{bench.stack.project}/{bench.stack.name}"
    with locks.held(bench.store, folder), pytest.raises(StackLocked, match="currently locked"):
        bench.up(bench.config_map("one"))
    assert bench.up(bench.config_map("one")).succeeded


def test_a_deployment_that_never_gets_ready_says_its_cause_and_can_be_mended(bench: Bench) -> None:
    def wish(image: str) -> dict[str, object]:
        body = deployment("web", image)
        body["metadata"] |= {"namespace": bench.namespace}
        return {"kind": "Deployment", "name": "web", "metadata": body["metadata"], "spec": body["spec"], "seconds": 5}

    failed = bench.up(wish("registry.example/missing:9"))
    assert not failed.succeeded
    assert "registry.example/missing:9" in " ".join(message for _, message in failed.errors)
    (kept,) = bench.resources()
    assert kept["initErrors"]
    mended = bench.up(wish("fairway/demo:1"))
    assert mended.succeeded, mended.errors
    assert "initErrors" not in bench.resources()[0]
