"""The API answers as a real one does."""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

from fairway_sandbox.cluster import listen
from tests.sandbox.conftest import Sandbox
from tests.sandbox.objects import deployment
from tests.until import until

APPS = "/apis/apps/v1/namespaces"


def test_two_appliers_of_one_field_conflict_until_one_forces(sandbox: Sandbox) -> None:
    path = f"{APPS}/{sandbox.namespace('owners')}/deployments/one"
    assert sandbox.apply(path, deployment("one", replicas=0), "first").status_code == 201
    again = deployment("one", replicas=0)
    version = sandbox.get(path)["metadata"]["resourceVersion"]
    until(lambda: sandbox.get(path)["status"].get("observedGeneration"))
    refused = sandbox.apply(path, deployment("one", replicas=3), "second")
    assert refused.status_code == 409
    assert 'conflict with "first": .spec.replicas' in refused.json()["message"]
    assert sandbox.apply(path, {**again, "spec": {**again["spec"], "replicas": 1}}, "second", force=True).is_success
    assert sandbox.get(path)["metadata"]["resourceVersion"] != version


def test_an_item_that_is_applied_no_more_goes_as_a_whole(sandbox: Sandbox) -> None:
    path = f"{APPS}/{sandbox.namespace('items')}/deployments/one"
    body = deployment("one", replicas=0)
    container = body["spec"]["template"]["spec"]["containers"][0]
    container["env"] = [{"name": f"V{n}", "value": str(n)} for n in range(12)]
    sandbox.apply(path, body).raise_for_status()
    container["env"] = container["env"][:1]
    sandbox.apply(path, body).raise_for_status()
    assert sandbox.get(path)["spec"]["template"]["spec"]["containers"][0]["env"] == [{"name": "V0", "value": "0"}]


def test_a_dry_run_changes_nothing(sandbox: Sandbox) -> None:
    space = sandbox.namespace("dry")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "maybe"}}
    path = f"/api/v1/namespaces/{space}/configmaps"
    assert sandbox.http.post(path, params={"dryRun": "All"}, json=body).status_code == 201
    assert sandbox.http.get(f"{path}/maybe").status_code == 404


def test_an_eviction_beyond_the_budget_is_refused(sandbox: Sandbox) -> None:
    space = sandbox.namespace("budget")
    sandbox.apply(f"{APPS}/{space}/deployments/one", deployment("one")).raise_for_status()
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "all"}}
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "one"}}}
    path = f"/apis/policy/v1/namespaces/{space}/poddisruptionbudgets/all"
    sandbox.apply(path, {**budget, "spec": spec}).raise_for_status()
    until(lambda: sandbox.get(path).get("status", {}).get("currentHealthy") == 1)
    name = sandbox.pods(space)[0]["metadata"]["name"]
    refused = sandbox.http.post(f"/api/v1/namespaces/{space}/pods/{name}/eviction", json={"metadata": {"name": name}})
    assert refused.status_code == 429
    assert refused.json()["details"]["causes"][0]["reason"] == "DisruptionBudget"


def test_a_watch_from_too_long_ago_is_told_so(sandbox: Sandbox) -> None:
    answer = sandbox.http.get("/api/v1/pods", params={"watch": "1", "resourceVersion": "1"})
    assert json.loads(answer.text)["object"]["code"] == 410


def test_a_wrong_field_is_named(sandbox: Sandbox) -> None:
    space = sandbox.namespace("wrong")
    body = deployment("bad")
    body["spec"]["replicas"] = "many"
    answer = sandbox.http.post(f"{APPS}/{space}/deployments", json=body)
    assert answer.status_code == 400
    assert answer.json()["message"].endswith("Go struct field DeploymentSpec.spec.replicas of type int32")


def test_unknown_fields_are_told_and_left_out_or_refused(sandbox: Sandbox) -> None:
    space = sandbox.namespace("unknown")
    body = deployment("odd", replicas=0)
    body["spec"]["template"]["spec"]["containers"][0]["imagee"] = "x"
    path = f"{APPS}/{space}/deployments"
    told = 'unknown field "spec.template.spec.containers[0].imagee"'
    strict = sandbox.http.post(path, params={"fieldValidation": "Strict"}, json=body)
    assert (strict.status_code, told in strict.json()["message"]) == (400, True)
    warned = sandbox.http.post(path, json=body)
    assert warned.status_code == 201
    assert told in warned.headers["warning"].replace("\\", "")
    assert "imagee" not in warned.text
    applied = sandbox.apply(f"{path}/odd", body)
    assert applied.status_code == 500
    assert '.spec.template.spec.containers[name="main"].imagee: field not declared' in applied.json()["message"]
    assert sandbox.http.post(path, params={"fieldValidation": "Maybe"}, json=body).status_code == 422


def test_a_list_tells_the_type_of_its_items_once(sandbox: Sandbox) -> None:
    path = f"/api/v1/namespaces/{sandbox.namespace('lists')}/configmaps"
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}}
    assert sandbox.http.post(path, json=body).json()["kind"] == "ConfigMap"
    found = sandbox.get(path)
    assert found["kind"] == "ConfigMapList"
    assert all("kind" not in item and "apiVersion" not in item for item in found["items"])


def test_a_form_of_answer_that_is_not_served_is_refused(sandbox: Sandbox) -> None:
    path = "/api/v1/namespaces/default"
    assert sandbox.http.get(path, headers={"Accept": "text/html"}).status_code == 406
    found = sandbox.http.get(path, headers={"Accept": "application/yaml"})
    assert found.headers["content-type"] == "application/yaml"
    assert "kind: Namespace" in found.text


def test_a_writer_owns_the_defaults_and_the_maps_that_it_brings(sandbox: Sandbox) -> None:
    space = sandbox.namespace("brought")
    made = sandbox.http.post(f"{APPS}/{space}/deployments", json=deployment("one", replicas=0)).json()
    owned = made["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]
    assert owned["f:strategy"]["f:rollingUpdate"] == {".": {}, "f:maxSurge": {}, "f:maxUnavailable": {}}
    assert owned["f:template"]["f:metadata"] == {"f:labels": {".": {}, "f:app": {}}}


def test_nobody_gets_in_without_the_token(sandbox: Sandbox) -> None:
    assert sandbox.http.get("/api/v1/pods", headers={"Authorization": "Bearer wrong"}).status_code == 401
    strange = [(b"Authorization", "Bearer \xe9".encode("latin-1"))]
    assert sandbox.http.get("/api/v1/pods", headers=strange).status_code == 401
    assert sandbox.http.get("/api/v1/pods", headers={"Authorization": ""}).status_code == 403


def test_answers_do_not_wait_for_an_acknowledgement(tmp_path: Path) -> None:
    async def accept() -> int:
        option: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def see(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            found = writer.get_extra_info("socket")
            option.set_result(found.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listen(0, tmp_path / "port") as listening:
            server = await asyncio.start_server(see, sock=listening)
            _, writer = await asyncio.open_connection(*listening.getsockname())
            found = await option
            writer.close()
            server.close()
            return found

    assert asyncio.run(accept()) != 0


def test_a_json_patch_is_a_list_of_operations_and_null_an_empty_one(sandbox: Sandbox) -> None:
    """The first: facts of a real API server; the second is what Pulumi's provider sends when nothing is to be done."""
    path = f"/api/v1/namespaces/{sandbox.namespace('patches')}/configmaps/one"
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}, "data": {"a": "1"}}
    version = sandbox.apply(path, body).raise_for_status().json()["metadata"]["resourceVersion"]

    def patch(content: str) -> Any:
        headers = {"Content-Type": "application/json-patch+json"}
        return sandbox.http.patch(path, content=content, headers=headers).json()

    refused = patch('{"a":1}')
    assert refused["code"] == 400
    told = "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"
    assert refused["message"] == told
    assert patch("")["code"] == 400
    for nothing in ("null", "[]"):
        assert patch(nothing)["metadata"]["resourceVersion"] == version
    assert patch('[{"op": "replace", "path": "/data/a", "value": "2"}]')["data"] == {"a": "2"}
