"""What ends waits for what has to end before it, and says so."""

import json
from typing import Any

from tests.sandbox.conftest import Sandbox
from tests.sandbox.objects import deployment
from tests.until import until

APPS, CORE = "/apis/apps/v1/namespaces", "/api/v1/namespaces"
MERGE = {"Content-Type": "application/merge-patch+json"}
SLOW = ["sh", "-c", "trap 'sleep 1; exit 0' TERM; while :; do sleep 0.1; done"]


def test_a_claim_that_is_deleted_stays_for_as_long_as_a_pod_uses_it(sandbox: Sandbox) -> None:
    space = sandbox.namespace("claimed")
    claims, pods = f"{CORE}/{space}/persistentvolumeclaims", f"{CORE}/{space}/pods"
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "rows"}, "spec": spec}
    sandbox.apply(f"{claims}/rows", claim).raise_for_status()
    sandbox.apply(f"{pods}/user", _user("rows")).raise_for_status()
    until(lambda: sandbox.get(f"{pods}/user")["status"]["phase"] == "Running")
    assert sandbox.http.delete(f"{claims}/rows").json()["metadata"]["deletionTimestamp"]
    sandbox.apply(f"{pods}/late", _user("rows")).raise_for_status()
    told = until(lambda: sandbox.get(f"{pods}/late")["status"].get("conditions"))
    assert 'persistentvolumeclaim "rows" is being deleted' in told[0]["message"]
    assert sandbox.get(f"{claims}/rows")["status"]["phase"] == "Bound"
    sandbox.http.delete(f"{pods}/user", params={"gracePeriodSeconds": "0"})
    until(lambda: sandbox.http.get(f"{claims}/rows").status_code == 404)


def _user(claim: str) -> dict[str, Any]:
    mounts = [{"name": "data", "mountPath": "/data"}]
    container = {"name": "main", "image": "busybox:1", "command": ["sleep", "60"], "volumeMounts": mounts}
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]
    spec = {"containers": [container], "volumes": volumes, "terminationGracePeriodSeconds": 1}
    return {"apiVersion": "v1", "kind": "Pod", "spec": spec}


def test_a_deployment_that_recreates_begins_when_its_old_pods_have_gone(sandbox: Sandbox) -> None:
    space = sandbox.namespace("anew")
    path, again = f"{APPS}/{space}/deployments/one", deployment("one", image="busybox:1")
    again["spec"]["strategy"] = {"type": "Recreate"}
    main = again["spec"]["template"]["spec"]["containers"][0]
    main |= {"command": SLOW}
    del main["readinessProbe"]
    sandbox.apply(path, again).raise_for_status()
    until(lambda: sandbox.get(path)["status"].get("readyReplicas") == 1)
    old = sandbox.pods(space)[0]["metadata"]["uid"]
    main["env"] = [{"name": "RELEASE", "value": "2"}]
    sandbox.apply(path, again).raise_for_status()

    def replaced() -> bool:
        found = {pod["metadata"]["uid"] for pod in sandbox.pods(space)}
        assert len(found) <= 1
        return bool(found) and old not in found

    until(replaced)


def test_a_namespace_that_cannot_go_tells_what_holds_it(sandbox: Sandbox) -> None:
    space = sandbox.namespace("held")
    path = f"{CORE}/{space}/configmaps/kept"
    meta = {"name": "kept", "finalizers": ["example.com/held"]}
    sandbox.apply(path, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta}).raise_for_status()
    sandbox.http.delete(f"{CORE}/{space}")
    told = until(lambda: sandbox.get(f"{CORE}/{space}")["status"].get("conditions"))
    found = {c["type"]: c["message"] for c in told if c["status"] == "True"}
    assert "configmaps. has 1 resource instances" in found["NamespaceContentRemaining"]
    assert "example.com/held in 1 resource instances" in found["NamespaceFinalizersRemaining"]
    free = {"metadata": {"finalizers": None}}
    sandbox.http.patch(path, content=json.dumps(free), headers=MERGE).raise_for_status()
    until(lambda: sandbox.http.get(f"{CORE}/{space}").status_code == 404)
