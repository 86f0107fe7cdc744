"""Tables of custom kinds have the columns that their definition asks for."""

from typing import Any

from tests.sandbox.conftest import Sandbox
from tests.until import until

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
COLUMNS = (
    ("Size", "integer", ".spec.size"),
    ("Ready", "string", '.status.conditions[?(@.type=="Ready")].status'),
    ("Hosts", "string", ".spec.hosts[*].name"),
    ("Team", "string", r".metadata.annotations.example\.com/team"),
    ("Lacking", "string", ".spec.none[0]"),
    ("Age", "date", ".metadata.creationTimestamp"),
)


def test_a_custom_kind_is_printed_as_its_definition_says(sandbox: Sandbox) -> None:
    sandbox.apply(f"{DEFINITIONS}/gadgets.example.com", _definition()).raise_for_status()
    space = sandbox.namespace("printed")
    path = f"/apis/example.com/v1/namespaces/{space}/gadgets"
    until(lambda: sandbox.http.get(path).status_code == 200)
    meta = {"name": "g", "annotations": {"example.com/team": "blue"}}
    conditions = [{"type": "Synced", "status": "False"}, {"type": "Ready", "status": "True"}]
    body: dict[str, Any] = {"spec": {"size": 3, "hosts": [{"name": "a"}, {"name": "b"}]}}
    body["status"] = {"conditions": conditions}
    gadget = {"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": meta, **body}
    sandbox.http.post(path, json=gadget).raise_for_status()
    table = sandbox.http.get(path, headers=TABLE).json()
    assert [c["name"] for c in table["columnDefinitions"]] == ["Name", *(name for name, _, _ in COLUMNS)]
    assert table["rows"][0]["cells"][:-1] == ["g", 3, "True", "a b", "blue", None]


def _definition() -> dict[str, Any]:
    printed = [{"name": name, "type": kind, "jsonPath": path} for name, kind, path in COLUMNS]
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema, "additionalPrinterColumns": printed}
    names = {"plural": "gadgets", "singular": "gadget", "kind": "Gadget", "listKind": "GadgetList"}
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]}
    kind = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    return {**kind, "metadata": {"name": "gadgets.example.com"}, "spec": spec}
