"""NetworkPolicies: what they say, and whose connection it is that they speak of."""

import socket
import subprocess
import sys
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fairway_sandbox import callers
from fairway_sandbox.policies import Policies
from fairway_sandbox.store import Store

SPACES = {"shop": {"team": "shore"}, "depot": {"team": "shore"}, "pirates": {"team": "rivals"}}
DATABASE = {
    "metadata": {"namespace": "shop", "name": "db", "labels": {"app": "db"}},
    "spec": {"containers": [{"ports": [{"name": "metrics", "containerPort": 9187}]}]},
    "status": {"podIP": "127.9.128.1"},
}


class Objects:
    """As much of a store as policies ask."""

    def __init__(self, *specs: dict[str, Any], namespace: str = "shop") -> None:
        self._policies = [{"metadata": {"namespace": namespace}, "spec": spec} for spec in specs]

    def every(self, key: str) -> list[Any]:
        assert key == "networkpolicies.networking.k8s.io"
        return [SimpleNamespace(obj=policy) for policy in self._policies]

    def object(self, key: str, namespace: str | None, name: str) -> Any:
        return {"metadata": {"labels": SPACES[name]}}


def caller(namespace: str, address: str = "127.9.128.2", **labels: str) -> dict[str, Any]:
    meta = {"namespace": namespace, "name": "caller", "labels": labels}
    return {"metadata": meta, "spec": {"containers": []}, "status": {"podIP": address}}


def policies(*specs: dict[str, Any], namespace: str = "shop") -> Policies:
    return Policies(cast(Store, Objects(*specs, namespace=namespace)))


def ingress(*rules: dict[str, Any], **selector: str) -> dict[str, Any]:
    chosen = {"matchLabels": selector} if selector else {}
    return {"podSelector": chosen, "policyTypes": ["Ingress"], "ingress": list(rules)}


OWN_TEAM = {"from": [{"namespaceSelector": {"matchLabels": {"team": "shore"}}}]}


@pytest.mark.parametrize(
    ("rules", "who", "port", "allowed"),
    [
        ([], caller("shop"), 5432, False),
        ([{}], caller("pirates"), 5432, True),
        ([{"from": []}], caller("pirates"), 5432, True),
        ([OWN_TEAM], caller("depot"), 5432, True),
        ([OWN_TEAM], caller("pirates"), 5432, False),
        ([{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}], caller("shop", app="web"), 5432, True),
        ([{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}], caller("depot", app="web"), 5432, False),
        (
            [{"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"a": "b"}}}]}],
            caller("depot"),
            1,
            False,
        ),
        ([{"from": [{"ipBlock": {"cidr": "127.9.0.0/16"}}]}], caller("depot"), 5432, True),
        ([{"from": [{"ipBlock": {"cidr": "127.9.0.0/16", "except": ["127.9.128.0/24"]}}]}], caller("depot"), 1, False),
        ([{**OWN_TEAM, "ports": [{"port": 5432}]}], caller("depot"), 5432, True),
        ([{**OWN_TEAM, "ports": [{"port": 5432}]}], caller("depot"), 5433, False),
        ([{**OWN_TEAM, "ports": [{"port": 5432}]}, {"ports": [{"port": "metrics"}]}], caller("pirates"), 9187, True),
        ([{"ports": [{"port": "nosuch"}]}], caller("depot"), 9187, False),
        ([{"ports": [{"port": 9000, "endPort": 9200}]}], caller("depot"), 9187, True),
        ([{"ports": [{"port": 9187, "protocol": "UDP"}]}], caller("depot"), 9187, False),
    ],
)
def test_a_rule_that_fits_caller_and_port_lets_it_through(
    rules: list[dict[str, Any]], who: dict[str, Any], port: int, allowed: bool
) -> None:
    found = policies(ingress(*rules, app="db"))
    assert found.concern(DATABASE)
    assert found.allow(who, DATABASE, port) is allowed


def test_a_pod_that_no_policy_selects_is_open() -> None:
    found = policies(ingress(app="other"))
    assert not found.concern(DATABASE)
    assert found.allow(caller("pirates"), DATABASE, 5432)
    assert not policies(ingress(), namespace="depot").concern(DATABASE)


def test_policies_add_up() -> None:
    found = policies(ingress(app="db"), ingress(OWN_TEAM))
    assert found.allow(caller("depot"), DATABASE, 5432)
    assert not found.allow(caller("pirates"), DATABASE, 5432)


def test_a_callers_own_policy_holds_it_up_as_well() -> None:
    leaving = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [{"podSelector": {}}]}]}
    found = policies(leaving, namespace="depot")
    assert found.concern(DATABASE)
    assert not found.allow(caller("depot"), DATABASE, 5432)
    assert found.allow(caller("pirates"), DATABASE, 5432)


@pytest.mark.skipif(sys.platform != "linux", reason="sockets are found in Linux's /proc")
def test_the_session_of_a_connection_is_found_whichever_of_its_processes_holds_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        child = "import socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); s.recv(1)"
        parent = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]])"
        place = server.getsockname()
        command = [sys.executable, "-c", parent, child, str(place[1])]
        with subprocess.Popen(command, start_new_session=True) as process:
            connection, other_end = server.accept()
            with connection:
                assert callers.session(other_end, place, {process.pid, 1}) == process.pid
                assert callers.session(other_end, place, {1}) is None
        with socket.create_connection(place) as own:
            assert callers.session(own.getsockname(), place, {process.pid}) is None
    assert callers.session(("127.0.0.1", 1), place, {process.pid}) is None
