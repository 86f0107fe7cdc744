"""Whether a Service's name leads from here to that Service."""

import pytest

from fairway.kube import Cluster, names
from fairway.kube.chaos import Target
from fairway.kube.transport import Transport
from tests.kube.fake import FakeKubernetes

HOST = "web.shop-dev.svc"


@pytest.fixture
def target(cluster: Cluster, api: FakeKubernetes) -> Target:
    labels = {"fairway.dev/resource": "r1"}
    metadata = {"name": "web", "namespace": "shop-dev", "uid": "uid-web", "labels": labels}
    api.put("services", {"metadata": metadata, "spec": {"clusterIP": "10.96.0.7"}})
    return Target(cluster, "shop-dev", "r1")


@pytest.mark.parametrize(
    ("meant", "reached"),
    [({"10.96.0.7"}, True), (set(), False), ({"10.96.0.8"}, False)],
    ids=["it", "nothing", "another cluster's"],
)
def test_a_name_is_reached_when_it_means_this_service(
    target: Target, monkeypatch: pytest.MonkeyPatch, meant: set[str], reached: bool
) -> None:
    monkeypatch.setattr(names, "addresses", lambda host: meant if host == HOST else set())
    assert target.reaches(HOST) is reached


def test_an_address_of_somebody_s_own_is_theirs_to_reach(target: Target) -> None:
    assert target.reaches("shop.example.com")


def test_where_addresses_are_this_machine_s_nothing_is_asked(api: FakeKubernetes) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(names, "addresses", lambda host: set())
        near = Cluster("near", Transport("{}"), addressing="ip")
        assert Target(near, "shop-dev", "r1").reaches(HOST)
        near.close()


def test_a_name_that_nobody_knows_has_no_address() -> None:
    assert names.addresses("web.shop-dev.svc.invalid") == set()
    assert "127.0.0.1" in names.addresses("localhost")
