"""The client: what it asks, what it makes of the answers, and of their absence."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from fairway import errors as fairway_errors
from fairway.kube import Cluster, errors, kinds
from fairway.kube.transport import Transport
from tests.kube import objects
from tests.kube.fake import FakeKubernetes, Running


def test_objects_are_made_read_changed_and_deleted(cluster: Cluster) -> None:
    cluster.create(kinds.CONFIG_MAP, {"metadata": {"name": "a", "namespace": "n"}, "data": {"k": "1"}})
    cluster.patch(kinds.CONFIG_MAP, "a", "n", {"data": {"k": "2"}})
    assert cluster.get(kinds.CONFIG_MAP, "a", "n")["data"] == {"k": "2"}
    cluster.delete(kinds.CONFIG_MAP, "a", "n")
    with pytest.raises(errors.ObjectNotFound, match='"a" not found'):
        cluster.get(kinds.CONFIG_MAP, "a", "n")


def test_a_list_reads_all_pages(cluster: Cluster, api: FakeKubernetes) -> None:
    api.page = 2
    for number in range(5):
        api.put("pods", objects.pod(f"p{number}", "r1"))
    api.put("pods", objects.pod("other"))
    assert [p.name for p in cluster.pods("shop-dev", "fairway.dev/resource=r1")] == ["p0", "p1", "p2", "p3", "p4"]


def test_a_delete_names_the_very_object_that_it_means(cluster: Cluster, api: FakeKubernetes) -> None:
    api.put("pods", objects.pod("p"))
    with pytest.raises(errors.ObjectConflict):
        cluster.delete(kinds.POD, "p", "shop-dev", uid="another")
    cluster.delete(kinds.POD, "p", "shop-dev", uid="uid-p", grace=0, dry_run=True)
    assert api.bodies[-1]["gracePeriodSeconds"] == 0
    cluster.delete(kinds.POD, "p", "shop-dev", uid="uid-p")
    assert cluster.pods() == []


def test_an_eviction_that_a_budget_forbids_is_told_apart(cluster: Cluster, api: FakeKubernetes) -> None:
    api.put("pods", objects.pod("p"))
    api.budget_is_spent = True
    with pytest.raises(errors.RefusedByBudget, match="needs 3 healthy pods"):
        cluster.evict("p", "shop-dev")
    api.budget_is_spent = False
    cluster.evict("p", "shop-dev", uid="uid-p")
    assert api.bodies[-1]["deleteOptions"] == {"preconditions": {"uid": "uid-p"}}
    assert cluster.pods() == []


def test_a_watch_goes_on_from_the_list(cluster: Cluster, api: FakeKubernetes) -> None:
    api.put("pods", objects.pod("before"))
    listing = cluster.list(kinds.POD)
    api.put("pods", objects.pod("after"))
    with cluster.watch(kinds.POD, resource_version=listing.resource_version) as changes:
        change = next(changes)
    assert (change.type, change.object["metadata"]["name"]) == ("ADDED", "after")


def test_a_watch_from_too_long_ago_has_expired(cluster: Cluster, api: FakeKubernetes) -> None:
    api.forget()
    with pytest.raises(errors.Expired, match="too old"), cluster.watch(kinds.POD, resource_version="1") as changes:
        next(changes)


def test_a_watch_that_waits_is_closed_from_another_thread(cluster: Cluster) -> None:
    changes = cluster.watch(kinds.POD, resource_version=cluster.list(kinds.POD).resource_version)
    seen: list[object] = []
    reader = threading.Thread(target=lambda: seen.extend(changes))
    reader.start()
    changes.close()
    reader.join(10)
    assert not reader.is_alive()
    assert seen == []


def test_logs_come_line_by_line(cluster: Cluster, api: FakeKubernetes) -> None:
    api.logs["p"] = "one\ntwo\nthree\n"
    api.logs["p?previous"] = "boom"
    assert list(cluster.logs("shop-dev", "p", tail=2)) == ["two", "three"]
    assert list(cluster.logs("shop-dev", "p", previous=True)) == ["boom"]


def test_events_are_sorted_and_are_about_something(cluster: Cluster, api: FakeKubernetes) -> None:
    api.put("events", objects.warning("p", "BackOff", "later", at="2026-11-23T14:00:00Z"))
    api.put("events", objects.warning("p", "Failed", "sooner"))
    api.put("events", objects.warning("q", "Failed", "another's"))
    found = cluster.events("shop-dev", about="p")
    assert [(e.reason, e.message, e.count, e.about_kind) for e in found] == [
        ("Failed", "sooner", 3, "Pod"),
        ("BackOff", "later", 3, "Pod"),
    ]


def test_metrics_come_through_the_api_server_where_addresses_are_the_clusters_own(
    cluster: Cluster, api: FakeKubernetes
) -> None:
    api.metrics["p"] = "up 1\n"
    assert cluster.scrape("shop-dev", "p", 9187) == "up 1\n"
    assert api.requests[-1] == "GET /api/v1/namespaces/shop-dev/pods/p:9187/proxy/metrics"


def test_metrics_come_from_the_pod_itself_where_its_address_is_reachable(
    fake: Running, api: FakeKubernetes, exporter: int
) -> None:
    api.put("pods", objects.pod("p", ip="127.0.0.1"))
    near = Cluster("near", Transport(fake.kubeconfig), addressing="ip")
    assert near.scrape("shop-dev", "p", exporter) == "up 1\n"
    near.close()


@pytest.fixture
def exporter() -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"up 1\n")

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_a_review_says_what_fairway_may_do(cluster: Cluster, api: FakeKubernetes) -> None:
    assert cluster.review("create", "pods/eviction", "shop-dev")
    assert not cluster.review("delete", "deployments.apps")
    asked = api.bodies[-2]["spec"]["resourceAttributes"]
    assert (asked["resource"], asked["subresource"]) == ("pods", "eviction")


def test_a_cluster_that_is_gone_is_unreachable_and_worth_a_retry(fake: Running, cluster: Cluster) -> None:
    assert cluster.version() == "v1.34.2"
    fake.stop()
    with pytest.raises(fairway_errors.Unreachable, match="does not answer: Connection refused") as caught:
        cluster.version()
    assert caught.value.retry
    fake.start()
    assert cluster.version() == "v1.34.2"


def test_rejected_credentials_are_told_apart_from_silence(cluster: Cluster, api: FakeKubernetes) -> None:
    api.token = "another"
    with pytest.raises(errors.CredentialsRejected):
        cluster.version()
