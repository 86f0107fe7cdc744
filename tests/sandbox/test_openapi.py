"""The OpenAPI v2 document in protobuf, read with the runtime by the numbers that clients have."""

import json
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from tests.sandbox.conftest import Sandbox

ACCEPT = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
TEXT, FLAG, PART = 9, 8, 11
ONE, MANY = 1, 3
MESSAGES: dict[str, list[tuple[str, int, int, int, str]]] = {
    "Document": [
        ("swagger", 1, TEXT, ONE, ""),
        ("paths", 8, PART, ONE, "Paths"),
        ("definitions", 9, PART, ONE, "Many"),
    ],
    "Paths": [("path", 2, PART, MANY, "NamedPath")],
    "NamedPath": [("name", 1, TEXT, ONE, ""), ("value", 2, PART, ONE, "Path")],
    "Path": [("patch", 8, PART, ONE, "Operation")],
    "Operation": [("parameters", 8, PART, MANY, "Parameter"), ("extensions", 13, PART, MANY, "NamedAny")],
    "Parameter": [("parameter", 1, PART, ONE, "NotBody")],
    "NotBody": [("not_body", 2, PART, ONE, "Query")],
    "Query": [("query", 3, PART, ONE, "Shape")],
    "Shape": [("where", 2, TEXT, ONE, ""), ("name", 4, TEXT, ONE, ""), ("type", 6, TEXT, ONE, "")],
    "Many": [("schemas", 1, PART, MANY, "NamedSchema")],
    "NamedSchema": [("name", 1, TEXT, ONE, ""), ("value", 2, PART, ONE, "Schema")],
    "Schema": [
        ("ref", 1, TEXT, ONE, ""),
        ("format", 2, TEXT, ONE, ""),
        ("description", 4, TEXT, ONE, ""),
        ("required", 19, TEXT, MANY, ""),
        ("more", 21, PART, ONE, "More"),
        ("type", 22, PART, ONE, "Texts"),
        ("items", 23, PART, ONE, "Items"),
        ("properties", 25, PART, ONE, "Many"),
        ("extensions", 31, PART, MANY, "NamedAny"),
    ],
    "More": [("schema", 1, PART, ONE, "Schema"), ("flag", 2, FLAG, ONE, "")],
    "Texts": [("value", 1, TEXT, MANY, "")],
    "Items": [("schema", 1, PART, MANY, "Schema")],
    "NamedAny": [("name", 1, TEXT, ONE, ""), ("value", 2, PART, ONE, "Any")],
    "Any": [("yaml", 2, TEXT, ONE, "")],
}


@pytest.fixture(scope="module")
def document_type() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="openapi.proto", package="wire", syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind, label, of in fields:
            made = message.field.add(name=field, number=number)
            made.type, made.label = kind, label
            if of:
                made.type_name = f".wire.{of}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("wire.Document"))


def test_clients_in_go_read_kinds_fields_and_merge_keys(sandbox: Sandbox, document_type: Any) -> None:
    answer = sandbox.http.get("/openapi/v2", headers={"Accept": ACCEPT}).raise_for_status()
    assert answer.headers["content-type"].endswith("protobuf")
    document = document_type.FromString(answer.content)
    assert document.swagger == "2.0"
    schemas = {one.name: one.value for one in document.definitions.schemas}

    def kinds(name: str) -> Any:
        return json.loads(next(e.value.yaml for e in schemas[name].extensions if e.name.endswith("version-kind")))

    def field(schema: Any, name: str) -> Any:
        return next(one.value for one in schema.properties.schemas if one.name == name)

    assert {"group": "apps", "kind": "Deployment", "version": "v1"} in kinds("io.k8s.api.apps.v1.Deployment")
    spec = schemas["io.k8s.api.apps.v1.DeploymentSpec"]
    assert set(spec.required) == {"selector", "template"}
    assert "pods" in field(spec, "replicas").description
    assert (field(spec, "replicas").type.value, field(spec, "replicas").format) == (["integer"], "int32")
    containers = field(schemas["io.k8s.api.core.v1.PodSpec"], "containers")
    assert containers.items.schema[0].ref == "#/definitions/io.k8s.api.core.v1.Container"
    assert {e.name: json.loads(e.value.yaml) for e in containers.extensions}["x-kubernetes-patch-merge-key"] == "name"
    labels = field(schemas["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"], "labels")
    assert labels.more.schema.type.value == ["string"]
    patch = next(p.value.patch for p in document.paths.path if p.name.endswith("/deployments/{name}"))
    assert "fieldValidation" in {one.parameter.not_body.query.name for one in patch.parameters}


def test_json_is_there_as_before(sandbox: Sandbox) -> None:
    answer = sandbox.http.get("/openapi/v2", headers={"Accept": "application/json"})
    assert answer.raise_for_status().json()["swagger"] == "2.0"
