"""The main job, end to end, by the command line: real servers behind a real platform."""

import re
from functools import partial
from typing import Any

import httpx
import psycopg
import pytest

from fairway.kube import kinds
from tests.e2e.platform import PATIENCE, Platform, healthy
from tests.until import until

pytestmark = [pytest.mark.whole, pytest.mark.timeout(2 * PATIENCE), pytest.mark.xdist_group("whole")]


@pytest.fixture(scope="module")
def shop(platform: Platform) -> Platform:
    """A database, a cache, a queue, and a guest book in three replicas that uses them."""
    platform.done("create", "postgres", "db", "--plan", "dev", "--yes")
    platform.done("create", "redis", "cache", "--plan", "dev", "--yes")
    platform.done("create", "queue", "jobs", "--plan", "dev", "--yes")
    bound = [word for name in ("db", "cache", "jobs") for word in ("--bind", name)]
    settings = ["--set", "metrics_path=/metrics", "--set", "health_path=/healthz"]
    platform.done("deploy", "web", "--image", "fairway/demo:1", "--replicas", "3", *bound, *settings, "--yes")
    return platform


def page(platform: Platform) -> str:
    return str(platform.resource("web")["outputs"]["url"])


def test_the_connection_that_is_told_works(shop: Platform) -> None:
    masked = shop.done("connect", "db", "-o", "json").document
    assert masked["password"] == "********"
    told = shop.done("connect", "db", "--reveal", "-o", "json").document
    with psycopg.connect(told["uri"]) as connection:
        found = connection.execute("select current_user, current_database()").fetchone()
    assert found == (told["username"], told["database"])
    audit = shop.done("audit", "-o", "json").document
    assert any(entry["action"] == "resource.reveal" for entry in audit)


def test_the_guest_book_writes_into_the_database_it_is_bound_to(shop: Platform) -> None:
    assert httpx.post(f"{page(shop)}/", data={"line": "written by the guest book"}).status_code == 303
    assert "written by the guest book" in httpx.get(page(shop)).text
    uri = shop.done("connect", "db", "--reveal", "-o", "json").document["uri"]
    with psycopg.connect(uri) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        lines = [row for (table,) in tables for row in connection.execute(f'select * from "{table}"').fetchall()]
    assert any("written by the guest book" in row for row in lines)


def test_health_has_charts_of_measured_figures(shop: Platform) -> None:
    for name in ("db", "cache", "jobs", "web"):
        healthy(shop, name)
    for _ in range(20):
        httpx.get(page(shop))
    expected = {"db": "connections", "cache": "memory", "jobs": "messages", "web": "latency"}
    with shop.rest() as rest:
        for name, chart in expected.items():
            path = f"/resources/{shop.resource(name)['id']}/metrics?since=15m"
            found = until(partial(latest, rest, path, chart), lambda c: c["latest"] is not None, 30)
            values = [v for v in found["series"]["value"] if v is not None]
            assert values, (name, found)


def latest(rest: httpx.Client, path: str, chart: str) -> Any:
    return next(c for c in rest.get(path).json()["charts"] if c["name"] == chart)


def test_a_bad_image_tells_its_cause_while_the_old_pods_serve(shop: Platform) -> None:
    failed = shop.fairway("deploy", "web", "--image", "fairway/nosuch:9", "--yes")
    assert failed.code == 1
    assert re.search("ImagePullBackOff|ErrImagePull", failed.err), failed.err
    assert httpx.get(page(shop)).status_code == 200
    resource = until(lambda: shop.resource("web"), lambda r: r["health"]["status"] == "degraded")
    assert "cannot get its image" in resource["health"]["reasons"][0]["message"]
    shop.done("rollback", "web", "--yes")
    assert shop.resource("web")["parameters"]["image"] == "fairway/demo:1"


def test_a_program_that_crashes_tells_its_last_lines(shop: Platform) -> None:
    program = "print('cannot find the harbour'); raise SystemExit(3)"
    command = 'command=["python", "/app/main.py"]'
    crash = ["deploy", "boat", "--image", "python:3.12", "--set", "port=0", "--set", command]
    failed = shop.fairway(*crash, "--set", f"files.main.py={program}", "--yes")
    assert failed.code == 1, failed
    assert "cannot find the harbour" in failed.err + shop.done("get", "boat").out
    mended = "import time\nprint('at sea', flush=True)\ntime.sleep(3600)"
    shop.done("update", "boat", "--set", f"files.main.py={mended}", "--yes")
    assert "at sea" in until(lambda: shop.done("logs", "boat").out, lambda out: "at sea" in out)
    shop.done("destroy", "boat", "--confirm", "boat")


def test_image_and_variables_change_and_roll_back_together(shop: Platform) -> None:
    change = ["deploy", "web", "--image", "fairway/demo:2", "--set", "variables.COLOUR=red", "--yes"]
    shown = shop.done(*change)
    assert re.search(r"image: fairway/demo:1 -> fairway/demo:2", shown.err)
    url = page(shop)
    # A Service's rules follow its pods a moment later, and one that goes still answers meanwhile.
    until(lambda: httpx.get(url).text, lambda text: "second edition" in text)
    shop.done("rollback", "web", "--yes")
    parameters = shop.resource("web")["parameters"]
    assert (parameters["image"], parameters.get("variables", {})) == ("fairway/demo:1", {})
    until(lambda: httpx.get(url).text, lambda text: "second edition" not in text)


def test_one_parameter_changes_and_the_rows_stay(shop: Platform) -> None:
    assert httpx.post(f"{page(shop)}/", data={"line": "before the change"}).status_code == 303
    shop.done("update", "db", "--set", "max_connections=60", "--yes")
    healthy(shop, "db")
    uri = shop.done("connect", "db", "--reveal", "-o", "json").document["uri"]
    with psycopg.connect(uri) as connection:
        assert connection.execute("show max_connections").fetchone() == ("60",)
        assert ("before the change",) in connection.execute("select line from guestbook").fetchall()


def test_what_was_changed_by_hand_is_told_and_put_right(shop: Platform) -> None:
    with shop.cluster() as cluster:
        cluster.patch(kinds.DEPLOYMENT, "web", shop.namespace, {"spec": {"replicas": 1}})
        assert "Deployment web was changed in the cluster" in shop.done("refresh", "web").err
        shop.done("update", "web", "--set", "replicas=3", "--yes")
        until(
            lambda: cluster.get(kinds.DEPLOYMENT, "web", shop.namespace)["status"].get("readyReplicas"),
            lambda n: n == 3,
        )
        cluster.delete(kinds.SERVICE, "web", shop.namespace)
        assert "Service web is gone from the cluster" in shop.done("refresh", "web").err
        shop.done("update", "web", "--set", "replicas=3", "--yes")
    until(lambda: served(shop), lambda status: status == 200, 30)


def served(platform: Platform) -> int:
    """The page's status, 0 while a new address is not known everywhere yet."""
    try:
        return httpx.get(page(platform), timeout=5).status_code
    except httpx.TransportError:
        return 0


def test_a_killed_pod_is_replaced_without_a_failed_request(shop: Platform) -> None:
    quick = {"resource": "web", "service": shop.service, "environment": "dev", "baseline": 1, "after": 1}
    with shop.rest() as rest:
        preview = rest.post("/trial-previews", json={**quick, "action": {"seed": 7}}).json()
        victims = {pod["pod"] for pod in preview["pods"] if pod["victim"]}
        started = rest.post("/trials", json={**quick, "action": {"seed": 7}})
        assert started.status_code == 202, started.text
        path = started.headers["location"].removeprefix("/api/v1")
        trial = until(lambda: rest.get(path).json(), lambda t: t["ended_at"], 60)
    assert {v["pod"] for v in trial["victims"]} == victims
    assert trial["verdict"] == "PASS"
    assert trial["victims"][0]["recovery"]["ttr"] > 0
    assert trial["availability"]["ratio"] == 1.0


def test_the_only_database_is_killed_only_for_a_typed_word_and_keeps_its_rows(shop: Platform) -> None:
    assert httpx.post(f"{page(shop)}/", data={"line": "survives"}).status_code == 303
    quick = {"resource": "db", "service": shop.service, "environment": "dev", "baseline": 1, "after": 1}
    with shop.rest() as rest:
        unnamed = rest.post("/trials", json={**quick, "allow_outage": True})
        assert unnamed.json()["errors"][0]["pointer"] == "/confirm"
        started = rest.post("/trials", json={**quick, "allow_outage": True, "confirm": "db"})
        path = started.headers["location"].removeprefix("/api/v1")
        trial = until(lambda: rest.get(path).json(), lambda t: t["ended_at"], 60)
    assert trial["workload"]["ttr"] > 0
    assert trial["availability"]["longest_outage"] > 0
    assert "survives" in until(lambda: httpx.get(page(shop)).text, lambda text: "survives" in text)


def test_what_is_created_in_prod_waits_for_approval(shop: Platform) -> None:
    asked = shop.done("create", "redis", "precious", "--plan", "dev", "--yes", "-o", "json", FAIRWAY_ENV="prod")
    assert "Another person must approve it" in asked.err or "waits for another person" in asked.err
    run = shop.done("runs", "-o", "json").document[0]["id"]
    assert "Approved" in shop.done("approve", run, "--comment", "fine").err
    shop.done("runs", "watch", run)
    refused = shop.fairway("destroy", "precious", "--confirm", "precious", FAIRWAY_ENV="prod")
    assert refused.code == 3 and "protected" in refused.err
    shop.done("protect", "precious", "--off", FAIRWAY_ENV="prod")
    shop.done("destroy", "precious", "--confirm", "precious", "--no-wait", FAIRWAY_ENV="prod")
    run = shop.done("runs", "-o", "json").document[0]["id"]
    assert shop.fairway("reject", run, "--comment", "not today").code == 0
    rejected = shop.fairway("runs", "watch", run)
    assert rejected.code == 1 and "not today" in rejected.err


def test_bad_input_names_the_field_and_the_way_out(shop: Platform) -> None:
    for words, code, word in (
        (["create", "oracle", "x", "--yes"], 4, "catalog"),
        (["create", "postgres", "x", "--plan", "huge", "--yes"], 2, "dev, small, medium"),
        (["create", "postgres", "x", "--plan", "dev", "--set", "max_connections=many", "--yes"], 2, "max_connections"),
        (["create", "postgres", "x", "--plan", "dev", "--set", "max_connections=9999", "--yes"], 2, "max_connections"),
        (["create", "postgres", "Not_DNS", "--plan", "dev", "--yes"], 2, "name"),
        (["create", "postgres", "x" * 60, "--plan", "dev", "--yes"], 2, "name"),
        (["create", "postgres", "db", "--plan", "dev", "--yes"], 5, "db"),
        (["deploy", "x", "--image", "fairway/demo:1", "--bind", "nothing", "--yes"], 2, "nothing"),
        (["get", "nothing"], 4, "nothing"),
        (["list", "--token", "fw_wrong"], 3, "token"),
        (["list", "--url", "http://127.0.0.1:1", "--token", "fw_any"], 6, "does not answer"),
    ):
        said = shop.fairway(*words)
        assert (said.code, word in said.err) == (code, True), (words, said)


def test_z_destroyed_is_gone(shop: Platform) -> None:
    held = shop.fairway("destroy", "db", "--confirm", "db")
    assert held.code == 5 and "web" in held.err
    for name in ("web", "db", "cache", "jobs"):
        shop.done("destroy", name, "--confirm", name)
    assert shop.done("list", "-o", "json").document == []
    until(lambda: shop.objects(), lambda found: not found)
    assert not list((shop.data / "sandbox" / "volumes").glob("*/pgdata"))
