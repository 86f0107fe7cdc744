"""What a deployment asks a cluster for."""

import json
from typing import Any

import pytest

from tests.programs.stage import CLUSTER_IP, RESOURCE, kind, stage

DATABASE = {
    "name": "orders-db",
    "type": "postgresql",
    "variable": "DATABASE_URL",
    "host": "127.9.0.3",
    "port": 5432,
    "username": "app",
    "database": "app",
}
CACHE = {"name": "cache", "type": "redis", "variable": "REDIS_URL", "host": "127.9.0.4", "port": 6379}
BOUND = {
    "orders-db": {"password": "p1", "uri": "postgresql://app:p1@127.9.0.3:5432/app"},
    "cache": {"password": "p2", "uri": "redis://:p2@127.9.0.4:6379/0"},
}


def deployment(bindings: list[dict[str, Any]] | None = None, **parameters: Any) -> Any:
    return stage("deployment", parameters=parameters, bindings=bindings or [], bound=BOUND)


@pytest.mark.parametrize("plan", [plan.name for plan in kind("deployment").plans])
def test_a_deployment_is_a_workload_and_its_address_of_the_plans_size(plan: str) -> None:
    show = stage("deployment", plan=plan)
    size = next(p for p in kind("deployment").plans if p.name == plan).resources
    assert show.kinds() == ["Deployment", "Service"]
    assert show.container()["resources"]["requests"] == dict(size)
    assert show.container()["resources"]["limits"] == {"memory": size["memory"]}
    for found in [*show.objects.values(), show.pod()]:
        assert found["metadata"]["labels"]["fairway.dev/resource"] == RESOURCE


def test_it_tells_where_it_is() -> None:
    assert deployment().outputs == {"host": CLUSTER_IP, "port": 8080, "url": f"http://{CLUSTER_IP}:8080"}
    assert set(deployment().outputs) == set(kind("deployment").outputs)
    named = stage("deployment", addressing="dns", parameters={"port": 9000})
    assert named.outputs["url"] == "http://orders.shop-dev.svc:9000"


def test_what_does_not_listen_has_no_address_and_no_probes() -> None:
    show = deployment(port=0, metrics_path="/metrics")
    assert show.kinds() == ["Deployment"]
    assert show.outputs == {}
    assert not {"ports", "startupProbe", "readinessProbe", "livenessProbe", "lifecycle"} & set(show.container())
    assert "PORT" not in show.variables()
    assert "annotations" not in show.pod()["metadata"]


@pytest.mark.parametrize("replicas", [2, 3, 50])
def test_several_replicas_have_a_disruption_budget(replicas: int) -> None:
    show = deployment(replicas=replicas)
    assert show.only("Deployment")["spec"]["replicas"] == replicas
    assert show.only("PodDisruptionBudget")["spec"] == {
        "maxUnavailable": 1,
        "selector": {"matchLabels": {"fairway.dev/resource": RESOURCE}},
    }


def test_an_update_never_has_fewer_replicas_ready_than_wanted() -> None:
    show = deployment()
    assert show.only("Deployment")["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": "25%", "maxUnavailable": 0}
    assert show.container()["lifecycle"] == {"preStop": {"exec": {"command": ["sleep", "2"]}}}


def test_a_health_path_is_asked_for_readiness_but_never_restarts() -> None:
    main = deployment(health_path="/healthz", port=8000).container()
    assert main["readinessProbe"]["httpGet"] == {"path": "/healthz", "port": 8000}
    assert main["startupProbe"]["httpGet"] == {"path": "/healthz", "port": 8000}
    assert main["livenessProbe"]["tcpSocket"] == {"port": 8000}
    assert deployment().container()["readinessProbe"]["tcpSocket"] == {"port": 8080}


def test_metrics_are_found_by_annotation() -> None:
    assert deployment(metrics_path="/metrics").pod()["metadata"]["annotations"] == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "8080",
        "prometheus.io/path": "/metrics",
    }
    assert "annotations" not in deployment().pod()["metadata"]


def test_image_command_and_variables_are_the_callers() -> None:
    show = deployment(image="acme/shop:3", command=["serve", "--fast"], variables={"COLOUR": "blue"})
    assert show.container()["image"] == "acme/shop:3"
    assert show.container()["command"] == ["serve", "--fast"]
    assert show.variables()["COLOUR"] == "blue"
    assert show.variables()["PORT"] == "8080"
    assert show.variables()["OTEL_SERVICE_NAME"] == "orders"
    assert "command" not in deployment().container()


def test_files_are_a_folder_whose_name_changes_with_them() -> None:
    show = deployment(files={"main.py": "print(1)", "lib/a_b.py": "x = 1", "lib__a.b": "y"}, files_path="/srv/app")
    folder = show.only("ConfigMap")
    assert folder["metadata"]["name"].startswith("orders-files-")
    assert folder["data"] == {"main.py": "print(1)", "lib_-a__b.py": "x = 1", "lib____a.b": "y"}
    (volume,) = show.pod()["spec"]["volumes"]
    assert volume["configMap"]["name"] == folder["metadata"]["name"]
    assert {"key": "lib_-a__b.py", "path": "lib/a_b.py"} in volume["configMap"]["items"]
    assert show.container()["volumeMounts"] == [{"name": "files", "mountPath": "/srv/app", "readOnly": True}]


def test_a_binding_is_a_servicebinding_secret_of_the_consumers_own() -> None:
    show = deployment([DATABASE])
    secret = show.only("Secret")
    assert secret["type"] == "servicebinding.io/postgresql"
    assert secret["metadata"]["name"].startswith("orders-orders-db-")
    assert secret["metadata"]["labels"]["fairway.dev/resource"] == RESOURCE
    assert secret["stringData"] == {
        "type": "postgresql",
        "provider": "fairway",
        "host": "127.9.0.3",
        "port": "5432",
        "uri": BOUND["orders-db"]["uri"],
        "username": "app",
        "password": "p1",
        "database": "app",
    }


def test_a_binding_is_mounted_and_told_by_a_variable() -> None:
    show = deployment([DATABASE])
    name = show.only("Secret")["metadata"]["name"]
    assert show.variables()["SERVICE_BINDING_ROOT"] == "/bindings"
    assert show.variables()["DATABASE_URL"] == {"secretKeyRef": {"name": name, "key": "uri"}}
    (volume,) = show.pod()["spec"]["volumes"]
    assert volume["secret"]["secretName"] == name
    assert show.container()["volumeMounts"] == [
        {"name": "binding-0", "mountPath": "/bindings/orders-db", "readOnly": True}
    ]
    assert "p1" not in json.dumps(show.only("Deployment"))


def test_several_bindings_each_have_a_secret_and_what_a_kind_lacks_is_left_out() -> None:
    show = deployment([DATABASE, CACHE])
    assert show.kinds() == ["Deployment", "Secret", "Secret", "Service"]
    cache = show.objects["Secret", "orders-cache"]
    assert set(cache["stringData"]) == {"type", "provider", "host", "port", "uri", "password"}
    assert {m["mountPath"] for m in show.container()["volumeMounts"]} == {"/bindings/orders-db", "/bindings/cache"}


def test_of_two_bindings_of_a_type_the_first_has_the_variable() -> None:
    show = deployment([DATABASE, {**DATABASE, "name": "cache"}])
    first = show.objects["Secret", "orders-orders-db"]["metadata"]["name"]
    assert show.variables()["DATABASE_URL"]["secretKeyRef"]["name"] == first
    assert [v["name"] for v in show.container()["env"]].count("DATABASE_URL") == 1


def test_the_services_own_variable_wins_over_a_bindings() -> None:
    show = deployment([DATABASE], variables={"DATABASE_URL": "sqlite://"})
    assert show.variables()["DATABASE_URL"] == "sqlite://"
    assert [v["name"] for v in show.container()["env"]].count("DATABASE_URL") == 1


def test_bindings_come_before_the_variables_that_may_refer_to_them() -> None:
    names = [v["name"] for v in deployment([DATABASE], variables={"A": "$(DATABASE_URL)"}).container()["env"]]
    assert names.index("DATABASE_URL") < names.index("A")


def test_nobody_is_root_not_even_on_a_low_port() -> None:
    pod = deployment(port=80).pod()["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 1000
    assert pod["securityContext"]["sysctls"] == [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
    assert pod["automountServiceAccountToken"] is False
    assert pod["containers"][0]["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert "sysctls" not in deployment().pod()["spec"]["securityContext"]
