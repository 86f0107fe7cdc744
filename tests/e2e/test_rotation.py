"""Passwords are rotated on real servers: the old one is refused, the new one works, who is bound follows."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from fairway_sandbox.programs.redis_client import Redis, RedisError
from tests.e2e.platform import PATIENCE, Platform
from tests.until import until

pytestmark = [pytest.mark.whole, pytest.mark.timeout(2 * PATIENCE), pytest.mark.xdist_group("whole")]
PROVIDERS = ("db", "cache", "jobs")


@pytest.fixture(scope="module")
def shop(platform: Platform) -> Iterator[Platform]:
    """A guest book in two replicas, bound to a database, a cache and a queue."""
    for offering, name in zip(("postgres", "redis", "queue"), PROVIDERS, strict=True):
        platform.done("create", offering, name, "--plan", "dev", "--yes")
    bound = [word for name in PROVIDERS for word in ("--bind", name)]
    more = ["--replicas", "2", "--set", "health_path=/healthz", "--yes"]
    platform.done("deploy", "web", "--image", "fairway/demo:1", *bound, *more)
    yield platform
    for name in ("web", *PROVIDERS):
        platform.done("destroy", name, "--confirm", name)


def told(platform: Platform, name: str) -> dict[str, str]:
    found: dict[str, str] = platform.done("connect", name, "--reveal", "-o", "json").document
    return found


def page(platform: Platform) -> str:
    return str(platform.resource("web")["outputs"]["url"])


def written(platform: Platform, line: str) -> bool:
    """Whether a line is kept; a service of a real cluster knows its new pods a moment after they are ready."""
    try:
        return httpx.post(f"{page(platform)}/", data={"line": line}, timeout=5).status_code == 303
    except httpx.TransportError:
        return False


def nats(address: dict[str, str], password: str) -> str:
    """The server's answer to a ping after a connect with that password."""
    with socket.create_connection((address["host"], int(address["port"])), timeout=5) as connection:
        said = json.dumps({"user": address["username"], "pass": password, "verbose": False})
        connection.sendall(f"CONNECT {said}\r\nPING\r\n".encode())
        answer = b""
        while b"PONG" not in answer and b"-ERR" not in answer:
            part = connection.recv(4096)
            assert part, answer
            answer += part
    return answer.decode().splitlines()[-1]


def test_the_old_password_is_refused_the_new_one_works_and_the_guest_book_goes_on(shop: Platform) -> None:
    until(lambda: written(shop, "before the rotation"))
    old = told(shop, "db")
    said = shop.done("rotate", "db", "--yes")
    assert "password: ******** -> a new one" in said.err and "The server restarts" in said.err
    assert "rotation of db succeeded" in said.err and "update of web succeeded" in said.err
    new = told(shop, "db")
    assert new["password"] != old["password"]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(old["uri"])
    until(lambda: written(shop, "after the rotation"))
    with psycopg.connect(new["uri"]) as connection:
        lines = connection.execute("select line from guestbook order by id").fetchall()
    assert lines[0] == ("before the rotation",) and lines[-1] == ("after the rotation",)
    shown = httpx.get(page(shop)).text
    assert "before the rotation" in shown and "after the rotation" in shown
    for name in ("db", "web"):
        assert len(shop.done("revisions", name, "-o", "json").document) == 1
    everything_told_hides(shop, old["password"], new["password"])


def everything_told_hides(platform: Platform, *passwords: str) -> None:
    """Runs with their events, the resources' events and logs, the audit, and all that the platform keeps."""
    with platform.rest() as rest:
        runs = rest.get("/runs", params={"limit": 100}).json()
        texts = [json.dumps(runs), rest.get("/audit").text]
        texts += [rest.get(f"/runs/{run['id']}").text for run in runs]
        texts += [rest.get(f"/runs/{run['id']}/events").text for run in runs]
    for name in ("db", "web"):
        texts += [platform.done(word, name).out for word in ("get", "events", "logs")]
    kept = [path for path in sorted(platform.data.rglob("*")) if path.is_file() and is_the_platforms(platform, path)]
    assert {"fairway.db", "work.db", "server.log"} <= {path.name for path in kept}
    texts += [path.read_bytes().decode("latin-1") for path in kept]
    assert len(texts) > 20 and not [word for word in passwords for text in texts if word in text]


def is_the_platforms(platform: Platform, path: Path) -> bool:
    """Not the cluster's, whose Secrets are what pods read."""
    return path.relative_to(platform.data).parts[0] != "sandbox"


def test_a_cache_and_a_queue_refuse_their_old_passwords_too(shop: Platform) -> None:
    cache, jobs = told(shop, "cache"), told(shop, "jobs")
    assert nats(jobs, jobs["password"]) == "PONG"
    for name in ("cache", "jobs"):
        assert "update of web succeeded" in shop.done("rotate", name, "--yes").err
    client = Redis(cache["host"], int(cache["port"]))
    with pytest.raises(RedisError, match=r"WRONGPASS|invalid"):
        client.ask("AUTH", cache["password"])
    assert client.ask("AUTH", told(shop, "cache")["password"]) == "OK"
    client.close()
    assert "Authorization Violation" in nats(jobs, jobs["password"])
    assert nats(jobs, told(shop, "jobs")["password"]) == "PONG"
    until(lambda: written(shop, "after all of them"))


def test_a_rollback_of_anything_keeps_the_new_password(shop: Platform) -> None:
    new = told(shop, "db")
    shop.done("update", "db", "--set", "max_connections=60", "--yes")
    shop.done("rollback", "db", "--yes")
    assert told(shop, "db") == new
    with psycopg.connect(new["uri"]) as connection:
        assert connection.execute("show max_connections").fetchone() == ("50",)


def test_what_has_no_password_is_refused(shop: Platform) -> None:
    refused = shop.fairway("rotate", "web", "--yes")
    assert refused.code == 2
    assert "A deployment has no password that Fairway made" in refused.err and "db, cache, jobs" in refused.err


def test_a_rotation_whose_server_is_killed_goes_on_with_the_next(shop: Platform) -> None:
    old = told(shop, "db")
    run = shop.done("rotate", "db", "--yes", "--no-wait").out.strip()
    begun = ("applying", "verifying", "succeeded")
    until(lambda: shop.fairway("runs", run, "-o", "json").document["state"] in begun)
    shop.server().kill()
    until(lambda: shop.fairway("runs", run).code == 0, seconds=60)
    shop.done("runs", "watch", run)
    new = told(shop, "db")
    with psycopg.connect(new["uri"]) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(old["uri"])
    until(lambda: written(shop, "after the kill"))
    followers = shop.done("runs", run, "-o", "json").document["followers"]
    assert [(f["name"], f["state"]) for f in followers] == [("web", "succeeded")]
