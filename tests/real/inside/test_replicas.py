"""Two replicas on one Postgres, installed by the chart with its own rights and no others."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.real.inside.release import REPLICAS, Release, image
from tests.until import until

pytestmark = pytest.mark.timeout(600)
SERVICE = "inside"


@pytest.fixture(scope="module")
def release(kubeconfig: Path) -> Iterator[Release]:
    release = Release(kubeconfig, image())
    release.remove()
    release.install()
    yield release
    release.remove()
    release.kubectl("delete", "namespace", f"{SERVICE}-dev", "--ignore-not-found")


@pytest.fixture(scope="module")
def token(release: Release) -> str:
    """One of our own: a replica's goes with the replica."""
    with release.rest(release.token(REPLICAS[0])) as rest:
        answer = rest.post("/tokens", json={"name": "tests"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


@pytest.fixture
def rest(release: Release, token: str) -> Iterator[httpx.Client]:
    release.ready()
    with release.rest(token) as rest:
        yield rest


def create(rest: httpx.Client, offering: str, name: str) -> str:
    """The path of its run."""
    wish = {"service": SERVICE, "environment": "dev", "name": name, "offering": offering, "plan": "dev"}
    answer = rest.post("/resources", json=wish)
    assert answer.status_code == 202, answer.text
    return answer.headers["location"].removeprefix("/api/v1")


def state(rest: httpx.Client, path: str) -> Any:
    """None while nobody answers."""
    try:
        answer = rest.get(path)
    except httpx.TransportError:
        return None
    return answer.json()["state"] if answer.status_code == 200 else None


def ended(rest: httpx.Client, path: str) -> Any:
    return until(lambda: state(rest, path), lambda s: s in ("succeeded", "failed", "cancelled"), 180)


def test_what_it_provisions_is_ready_and_healthy_with_the_rights_of_the_chart(
    release: Release, rest: httpx.Client
) -> None:
    release.fairway(REPLICAS[0], "service", "create", SERVICE)
    for offering in ("postgres", "redis", "queue"):
        assert ended(rest, create(rest, offering, f"a-{offering}")) == "succeeded"
    wish = {"service": SERVICE, "environment": "dev", "name": "web", "offering": "deployment", "plan": "small"}
    parameters = {"image": "fairway/demo:1", "replicas": 2, "health_path": "/healthz", "metrics_path": "/metrics"}
    answer = rest.post("/resources", json={**wish, "parameters": parameters, "bindings": ["a-postgres"]})
    assert answer.status_code == 202, answer.text
    assert ended(rest, answer.headers["location"].removeprefix("/api/v1")) == "succeeded"
    for name in ("a-postgres", "a-redis", "a-queue", "web"):
        healthy(rest, name)


def healthy(rest: httpx.Client, name: str) -> Any:
    place = {"service": SERVICE, "environment": "dev"}
    return until(
        lambda: rest.get(f"/resources/{name}", params=place).json(), lambda r: r["health"]["status"] == "healthy", 60
    )


def test_pods_are_killed_and_measured_from_inside(rest: httpx.Client) -> None:
    wanted = {"resource": "web", "service": SERVICE, "environment": "dev", "baseline": 2, "after": 2}
    started = rest.post("/trials", json={**wanted, "action": {"seed": 3}})
    assert started.status_code == 202, started.text
    path = started.headers["location"].removeprefix("/api/v1")
    trial = until(lambda: rest.get(path).json(), lambda t: t["ended_at"], 90)
    assert (trial["verdict"], trial["availability"]["ratio"]) == ("PASS", 1.0), trial
    assert trial["victims"][0]["recovery"]["ttr"] > 0


@pytest.mark.parametrize("delay", [0.1, 0.8])
def test_a_run_outlives_the_replica_that_carried_it(release: Release, rest: httpx.Client, delay: float) -> None:
    """Whichever replica that was: both are killed, one after the other, in the middle of runs."""
    names = [f"kept-{int(delay * 10)}-{number}" for number in range(2)]
    for replica, name in zip(REPLICAS, names, strict=True):
        release.ready()
        path = create(rest, "redis", name)
        time.sleep(delay)
        release.kubectl("delete", "pod", replica, "--grace-period=0", "--force")
        assert ended(rest, path) == "succeeded"
        found = rest.get("/runs", params={"resource": resource(rest, name)["id"]}).json()
        assert [run["state"] for run in found] == ["succeeded"]
        healthy(rest, name)
    space = f"{SERVICE}-dev"
    sets = [s["metadata"]["name"] for s in release.get("statefulsets", "-n", space)["items"]]
    assert sorted(name for name in sets if name in names) == names
    assert len(set(sets)) == len(sets)


def resource(rest: httpx.Client, name: str) -> Any:
    return rest.get(f"/resources/{name}", params={"service": SERVICE, "environment": "dev"}).json()


def test_each_replica_s_own_command_line_goes_on_working(release: Release) -> None:
    release.ready()
    for replica in REPLICAS:
        assert "admin" in release.fairway(replica, "whoami")
        assert "/sign-in/" in release.fairway(replica, "login")


def test_its_account_may_do_what_it_does_and_nothing_else(release: Release) -> None:
    account = "system:serviceaccount:fairway-system:fairway"

    def may(*words: str) -> bool:
        asked = ["auth", "can-i", *words, "--as", account]
        try:
            return release.kubectl(*asked).strip() == "yes"
        except AssertionError:
            return False

    assert may("create", "deployments.apps", "-n", "anywhere")
    assert may("delete", "pods", "-n", "anywhere")
    for verb in ("get", "create"):
        assert may(verb, "pods", "--subresource=portforward", "-n", "anywhere")
    for words in (
        ("create", "pods"),
        ("create", "pods", "--subresource=exec"),
        ("get", "nodes"),
        ("create", "clusterrolebindings.rbac.authorization.k8s.io"),
        ("delete", "persistentvolumes"),
        ("impersonate", "users"),
        ("*", "*"),
    ):
        assert not may(*words), words


def test_z_what_it_made_goes_when_it_is_destroyed(release: Release, rest: httpx.Client) -> None:
    names = [r["name"] for r in rest.get("/resources", params={"service": SERVICE}).json()]
    for name in sorted(names, key=lambda name: name != "web"):
        found = resource(rest, name)
        answer = rest.post(f"/resources/{found['id']}/runs", json={"operation": "destroy", "confirm": name})
        assert answer.status_code == 202, answer.text
        assert ended(rest, answer.headers["location"].removeprefix("/api/v1")) == "succeeded"
    spaces = [space["metadata"]["name"] for space in release.get("namespaces")["items"]]
    assert f"{SERVICE}-dev" not in spaces
