"""What the programs of servers that keep data ask a cluster for."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.programs.stage import CLUSTER_IP, PASSWORD, RESOURCE, kind, stage

SERVERS = ("postgres", "redis", "queue", "rabbitmq")
CHANGED: dict[str, dict[str, Any]] = {
    "postgres": {"max_connections": 99},
    "redis": {"persistence": False},
    "queue": {"max_payload": 9},
    "rabbitmq": {"max_message_size": 9},
}
PLANS = [(name, plan.name) for name in SERVERS for plan in kind(name).plans]


@pytest.mark.parametrize(("offering", "plan"), PLANS)
def test_a_server_is_one_pod_a_volume_an_address_and_a_credential_of_the_plans_size(offering: str, plan: str) -> None:
    show = stage(offering, plan=plan)
    size = next(p for p in kind(offering).plans if p.name == plan).resources
    assert show.kinds() == ["NetworkPolicy", "PersistentVolumeClaim", "Secret", "Service", "StatefulSet"]
    assert show.only("StatefulSet")["spec"]["replicas"] == 1
    assert show.only("PersistentVolumeClaim")["spec"]["resources"]["requests"] == {"storage": size["storage"]}
    assert show.container()["resources"] == {
        "requests": {"cpu": size["cpu"], "memory": size["memory"]},
        "limits": {"memory": size["memory"]},
    }


@pytest.mark.parametrize("offering", SERVERS)
def test_every_object_and_pod_can_be_found_by_its_resource(offering: str) -> None:
    show = stage(offering)
    expected = {
        "app.kubernetes.io/managed-by": "fairway",
        "app.kubernetes.io/name": "orders",
        "app.kubernetes.io/part-of": "shop",
        "fairway.dev/resource": RESOURCE,
        "fairway.dev/offering": offering,
        "fairway.dev/environment": "dev",
    }
    for found in [*show.objects.values(), show.pod()]:
        assert found["metadata"]["labels"] == expected
    assert {o["metadata"]["namespace"] for o in show.objects.values()} == {"shop-dev"}


@pytest.mark.parametrize("offering", SERVERS)
def test_names_are_fixed_where_people_use_them_and_free_where_contents_change(offering: str) -> None:
    show = stage(offering)
    assert show.only("StatefulSet")["metadata"]["name"] == "orders"
    assert show.only("Service")["metadata"]["name"] == "orders"
    assert show.only("PersistentVolumeClaim")["metadata"]["name"] == "orders-data"
    assert show.only("Secret")["metadata"]["name"].startswith("orders-credential-")


@pytest.mark.parametrize("offering", SERVERS)
def test_the_pod_reads_its_credential_from_that_very_secret_so_that_another_one_rolls_it(offering: str) -> None:
    show = stage(offering)
    secret = show.only("Secret")["metadata"]["name"]
    assert secret in json.dumps(show.container()) or secret in json.dumps(show.pod()["spec"]["volumes"])
    assert PASSWORD not in json.dumps(show.pod())
    assert PASSWORD not in json.dumps(show.only("Service"))


@pytest.mark.parametrize("offering", SERVERS)
def test_nothing_that_would_replace_the_workload_or_its_volume_depends_on_what_can_change(offering: str) -> None:
    before = stage(offering)
    plan = kind(offering).plans[-1].name
    after = stage(offering, plan=plan, password="other", parameters=CHANGED[offering])

    def fixed(show: Any) -> Mapping[str, Any]:
        spec = show.only("StatefulSet")["spec"]
        claim = show.only("PersistentVolumeClaim")
        return {
            "workload": {k: v for k, v in spec.items() if k not in ("template", "replicas")},
            "claim": {**claim["metadata"], "modes": claim["spec"]["accessModes"], "keys": sorted(claim["spec"])},
            "volumes": [v for v in show.pod()["spec"]["volumes"] if v["name"] == "data"],
        }

    assert fixed(before) == fixed(after)


@pytest.mark.parametrize("offering", SERVERS)
def test_nobody_is_root_and_nobody_has_rights(offering: str) -> None:
    pod = stage(offering).pod()["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"] + pod.get("initContainers", []):
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert context["readOnlyRootFilesystem"] is True
        assert context.get("runAsUser", 1) > 0
        assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("offering", SERVERS)
def test_probes_say_when_it_has_started_when_it_serves_and_when_it_hangs(offering: str) -> None:
    main = stage(offering).container()
    assert main["startupProbe"]["periodSeconds"] == 1
    assert main["startupProbe"]["failureThreshold"] == 300
    assert main["readinessProbe"]["periodSeconds"] <= 5
    assert main["livenessProbe"]["tcpSocket"] == {
        "port": main["readinessProbe"].get("httpGet", main["ports"][0]).get("port", main["ports"][0]["containerPort"])
    }


@pytest.mark.parametrize(
    ("offering", "image", "port"),
    [
        ("postgres", "prometheuscommunity/postgres-exporter:v0.18.1", 9187),
        ("redis", "oliver006/redis_exporter:v1.80.0", 9121),
        ("queue", "natsio/prometheus-nats-exporter:0.18.0", 7777),
    ],
)
def test_an_exporter_stands_beside_the_server_and_is_found_by_annotation(offering: str, image: str, port: int) -> None:
    show = stage(offering)
    assert show.container("exporter")["image"] == image
    assert show.pod()["metadata"]["annotations"] == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": str(port),
        "prometheus.io/path": "/metrics",
    }


def test_a_server_that_offers_metrics_by_itself_has_no_exporter_beside_it() -> None:
    pod = stage("rabbitmq").pod()
    assert [c["name"] for c in pod["spec"]["containers"]] == ["main"]
    assert pod["metadata"]["annotations"]["prometheus.io/port"] == "15692"


@pytest.mark.parametrize("offering", SERVERS)
def test_the_outputs_are_those_that_the_catalog_promises_and_the_credential_is_secret(offering: str) -> None:
    show = stage(offering)
    assert set(show.outputs) == {*kind(offering).outputs, "password", "uri"}
    assert show.secret_outputs == {"password", "uri"}
    assert show.outputs["host"] == CLUSTER_IP
    assert show.outputs["port"] == show.only("Service")["spec"]["ports"][0]["port"]
    assert show.outputs["password"] == PASSWORD


@pytest.mark.parametrize("offering", SERVERS)
def test_the_uri_is_the_catalogs_with_a_password_that_is_quoted(offering: str) -> None:
    connection = kind(offering).connection
    assert connection is not None
    show = stage(offering)
    quoted = {**show.outputs, "password": "it%27s%20a%2Fpass%22word"}
    assert show.outputs["uri"] == connection.uri.format(**quoted)


@pytest.mark.parametrize("offering", SERVERS)
def test_clients_get_a_name_where_addresses_are_names(offering: str) -> None:
    assert stage(offering, addressing="dns").outputs["host"] == "orders.shop-dev.svc"


@pytest.mark.parametrize("offering", SERVERS)
def test_only_the_clients_port_has_an_address(offering: str) -> None:
    service = stage(offering).only("Service")["spec"]
    assert service["selector"] == {"fairway.dev/resource": RESOURCE}
    (port,) = service["ports"]
    assert port["name"]


TEAM_HERE = {
    "app.kubernetes.io/managed-by": "fairway",
    "fairway.dev/environment": "dev",
    "fairway.dev/team": "checkout",
}


@pytest.mark.parametrize(("reach", "labels"), [("team", TEAM_HERE), ("cluster", None), (None, TEAM_HERE)])
@pytest.mark.parametrize("offering", SERVERS)
def test_clients_are_the_teams_own_in_this_environment_unless_all_are_wanted(
    offering: str, reach: str | None, labels: Mapping[str, str] | None
) -> None:
    show = stage(offering, parameters={"reachable_from": reach} if reach else {})
    spec = show.only("NetworkPolicy")["spec"]
    assert spec["policyTypes"] == ["Ingress"]
    assert spec["podSelector"] == {"matchLabels": {"fairway.dev/resource": RESOURCE}}
    clients, metrics = spec["ingress"]
    ours, fairway = clients["from"]
    assert ours == {"namespaceSelector": {"matchLabels": labels} if labels else {}}
    assert fairway == {
        "namespaceSelector": {},
        "podSelector": {"matchLabels": {"fairway.dev/control-plane": "true"}},
    }
    assert clients["ports"] == [{"protocol": "TCP", "port": show.outputs["port"]}]
    port = show.pod()["metadata"]["annotations"]["prometheus.io/port"]
    assert metrics == {"ports": [{"protocol": "TCP", "port": int(port)}]}
