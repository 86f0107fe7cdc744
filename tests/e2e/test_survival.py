"""What a platform survives: kill -9 in the middle of work, an ordered end, a neighbour."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.e2e.platform import Platform
from tests.until import until

pytestmark = [pytest.mark.whole, pytest.mark.timeout(300), pytest.mark.xdist_group("alone")]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Platform]:
    platform = Platform(tmp_path / "own")
    platform.start()
    yield platform
    platform.leave()


def uri(platform: Platform, name: str = "db") -> str:
    return str(platform.done("connect", name, "--reveal", "-o", "json").document["uri"])


def test_a_run_whose_server_is_killed_is_finished_once_by_the_next(own: Platform) -> None:
    """At several instants of a run; the last kills all of the platform, and `fairway up` starts it again. Who watches
    a run on the command line is told of its end all the same."""
    watchers = ThreadPoolExecutor()
    for number, delay in enumerate((0.05, 0.5, 1.2)):
        name = f"db{number}"
        watcher = watchers.submit(own.fairway, "create", "postgres", name, "--plan", "dev", "--yes")
        run = until(partial(newest_of, own, name), bool)
        time.sleep(delay)
        if number == 2:
            assert own.process is not None
            own.process.kill()
            own.process.communicate()
            own.start()
        else:
            own.server().kill()
        done = until(partial(shown, own, run), lambda r: r is not None and r["state"] == "succeeded", 60)
        assert done["resource"]["name"] == name
        watched = watcher.result(30)
        assert watched.code == 0, watched.err
    with own.rest() as rest:
        for number in range(3):
            runs = rest.get("/runs", params={"resource": own.resource(f"db{number}")["id"]}).json()
            assert [r["state"] for r in runs] == ["succeeded"]
            with psycopg.connect(uri(own, f"db{number}")) as connection:
                assert connection.execute("select 1").fetchone() == (1,)
    objects = own.objects()
    assert sorted(o for o in objects if o.startswith("StatefulSet/")) == [f"StatefulSet/db{n}" for n in range(3)]


def newest_of(platform: Platform, name: str) -> str:
    """The newest run's ID when it is of this resource."""
    with platform.rest() as rest:
        newest = rest.get("/runs", params={"limit": 1}).json()
    return next((str(run["id"]) for run in newest if run["resource"]["name"] == name), "")


def shown(platform: Platform, run: str) -> Any:
    """None while the server starts again."""
    said = platform.fairway("runs", run, "-o", "json")
    return said.document if said.code == 0 else None


def test_a_second_start_has_all_data_of_the_first(own: Platform) -> None:
    own.done("create", "postgres", "db", "--plan", "dev", "--yes")
    with psycopg.connect(uri(own)) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (1)")
    told = uri(own)
    own.end()
    own.start()
    assert uri(own) == told
    found = until(lambda: rows(told), lambda r: r is not None, 30)
    assert found == [(1,)]


def rows(told: str) -> Any:
    try:
        with psycopg.connect(told, connect_timeout=2) as connection:
            return connection.execute("select n from kept").fetchall()
    except psycopg.OperationalError:
        return None


def test_two_run_side_by_side_and_a_taken_port_is_told_by_name(own: Platform, tmp_path: Path) -> None:
    neighbour = Platform(tmp_path / "neighbour")
    neighbour.start()
    try:
        for platform in (own, neighbour):
            platform.done("create", "redis", "cache", "--plan", "dev", "--yes")
        hosts = {p.resource("cache")["outputs"]["host"] for p in (own, neighbour)}
        assert len(hosts) == 2
        third = Platform(tmp_path / "third")
        refused = third.fairway("up", "--port", str(own.port))
        assert refused.code != 0
        assert str(own.port) in refused.err
        same = neighbour.fairway("up")
        assert same.code != 0 and str(neighbour.data) in same.err
    finally:
        neighbour.leave()


def test_reset_removes_everything_after_asking(own: Platform) -> None:
    own.done("create", "redis", "cache", "--plan", "dev", "--yes")
    own.end()
    assert own.fairway("reset").code != 0
    assert own.data.exists()
    own.done("reset", "--yes")
    assert not own.data.exists() or not any(own.data.iterdir())


def test_the_link_signs_a_browser_in_once(own: Platform) -> None:
    with httpx.Client(follow_redirects=True) as browser:
        assert browser.get(own.link).status_code == 200
        assert "Overview" in browser.get(own.url).text
    with httpx.Client(follow_redirects=True, headers={"Accept": "text/html"}) as other:
        assert "used already" in other.get(own.link).text
        assert "Overview" not in other.get(own.url).text
