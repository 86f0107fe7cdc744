"""What an object must keep to, and what it is given."""

from typing import Any

import pytest

from fairway_sandbox import admission
from fairway_sandbox.errors import ApiError
from fairway_sandbox.kinds import STORED
from fairway_sandbox.objects import copied
from tests.sandbox.objects import deployment, postgres, service

KINDS = {kind.kind: kind for kind in STORED}
CLAIM: dict[str, Any] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
JOB: dict[str, Any] = {"template": {"spec": {"containers": [{"name": "c", "image": "i:1"}], "restartPolicy": "Never"}}}


def _object(kind: str, spec: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": "one", "uid": "u"}, **({"spec": spec} if spec else {}), **copied(more)}


def _admitted(obj: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
    kind, made = KINDS[obj["kind"]], copied(obj)
    admission.fill(kind, made, old)
    admission.complete(kind, made, old)
    admission.check(kind, made, old)
    return dict(made)


def _causes(obj: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, str]:
    with pytest.raises(ApiError) as refused:
        _admitted(obj, old)
    assert refused.value.code == 422
    assert refused.value.details is not None
    return {cause["field"]: cause["message"] for cause in refused.value.details["causes"]}


def _changed(obj: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {**copied(obj), "spec": {**copied(obj["spec"]), **spec}}


@pytest.mark.parametrize("obj", [deployment("one"), postgres("one"), service("one", 80), _object("Job", JOB)])
def test_what_is_right_passes_and_passes_again(obj: dict[str, Any]) -> None:
    made = _admitted(obj)
    assert _admitted(made, made) == made


def test_containers_are_told_all_that_is_wrong() -> None:
    body = deployment("one")
    container = body["spec"]["template"]["spec"]["containers"][0]
    container |= {"name": "Bad_C", "ports": [{"containerPort": 70000}], "volumeMounts": [{"name": "v"}]}
    container["resources"] = {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}
    place = "spec.template.spec.containers[0]"
    found = _causes(body)
    assert list(found) == [
        f"{place}.name",
        f"{place}.ports[0].containerPort",
        f"{place}.volumeMounts[0].name",
        f"{place}.volumeMounts[0].mountPath",
        f"{place}.resources.requests",
    ]
    assert found[f"{place}.volumeMounts[0].name"] == 'Not found: "v"'


def test_a_template_keeps_its_limits_and_a_pod_also_asks_for_them() -> None:
    limits = {"limits": {"cpu": "1"}}
    body = deployment("one")
    body["spec"]["template"]["spec"]["containers"][0]["resources"] = limits
    made = _admitted(body)["spec"]["template"]["spec"]
    assert made["containers"][0]["resources"] == limits
    assert _admitted(_object("Pod", made))["spec"]["containers"][0]["resources"]["requests"] == limits["limits"]


def test_a_strategy_holds_together() -> None:
    recreate = {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}
    assert "spec.strategy.rollingUpdate" in _causes(_changed(deployment("one"), strategy=recreate))
    nothing = {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}
    assert "spec.strategy.rollingUpdate.maxUnavailable" in _causes(_changed(deployment("one"), strategy=nothing))


def test_some_things_never_change() -> None:
    job = _admitted(_object("Job", JOB))
    assert set(_causes(_changed(job, completions=2), job)) == {"spec.completions"}
    claim = _admitted(_object("PersistentVolumeClaim", CLAIM))
    assert set(_causes(_changed(claim, storageClassName="fast"), claim)) == {"spec"}
    bound = {**claim, "status": {"phase": "Bound", "capacity": {"storage": "1Gi"}}}
    less, more = ({"requests": {"storage": size}} for size in ("500Mi", "2Gi"))
    assert set(_causes(_changed(bound, resources=less), bound)) == {"spec.resources.requests.storage"}
    assert _admitted(_changed(bound, resources=more), bound)
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "a"}
    binding = _object("RoleBinding", roleRef=role)
    assert set(_causes({**binding, "roleRef": {**role, "name": "b"}}, binding)) == {"roleRef"}


def test_a_secret_has_what_its_type_needs() -> None:
    assert set(_causes(_object("Secret", type="kubernetes.io/tls"))) == {"data[tls.crt]", "data[tls.key]"}
    assert set(_causes(_object("ConfigMap", data={"a b": ""}))) == {"data[a b]"}
    made = _admitted(_object("Secret", stringData={"a": "b"}))
    assert (made["data"], "stringData" in made) == ({"a": "Yg=="}, False)


def test_a_service_that_opens_no_more_port_outside_loses_it() -> None:
    before = _admitted(_changed(service("one", 80), type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))
    after = _admitted(_changed(before, type="ClusterIP"), before)
    assert "nodePort" not in after["spec"]["ports"][0]
    assert "externalTrafficPolicy" not in after["spec"]
    wrong = _changed(service("one", 80), type="NodePort", ports=[{"port": 80, "nodePort": 80}])
    assert set(_causes(wrong)) == {"spec.ports[0].nodePort"}
    assert set(_causes(_changed(service("one", 80), type="Other"))) == {"spec.type"}
