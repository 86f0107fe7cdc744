"""`fairway connect --forward`: real clients of real servers, through the platform."""

import re
import secrets
import shutil
import signal
import socket
from collections.abc import Iterator
from typing import Any

import psutil
import psycopg
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from fairway.kube import kinds
from tests.e2e.platform import PATIENCE, Platform
from tests.until import until

pytestmark = [pytest.mark.whole, pytest.mark.timeout(2 * PATIENCE), pytest.mark.xdist_group("whole")]
MEBIBYTE = 2**20


@pytest.fixture(scope="module")
def harbour(platform: Platform) -> Iterator[Platform]:
    """With a database and a cache."""
    platform.done("create", "postgres", "depot", "--plan", "dev", "--yes")
    platform.done("create", "redis", "buoy", "--plan", "dev", "--yes")
    yield platform
    for name in ("depot", "buoy"):
        platform.done("destroy", name, "--confirm", name)


def test_several_clients_read_and_write_at_once_and_large_values_arrive_unharmed(harbour: Platform) -> None:
    large = secrets.token_hex(5 * MEBIBYTE)
    with harbour.forwarding("depot") as (_, told):
        assert told["host"] == "127.0.0.1" and f"@127.0.0.1:{told['port']}/" in told["uri"]
        with psycopg.connect(told["uri"]) as writer, psycopg.connect(told["uri"]) as reader:
            writer.execute("create table cargo (content text)")
            writer.execute("insert into cargo values (%s)", [large])
            writer.commit()
            assert reader.execute("select content from cargo").fetchone() == (large,)
            assert writer.info.backend_pid != reader.info.backend_pid


def test_a_cache_takes_and_gives_ten_mebibytes(harbour: Platform) -> None:
    large = secrets.token_bytes(10 * MEBIBYTE)
    with harbour.forwarding("buoy") as (_, told), socket.create_connection(("127.0.0.1", told["port"])) as redis:
        replies = redis.makefile("rb")
        say(redis, b"AUTH", told["password"].encode())
        assert replies.readline() == b"+OK\r\n"
        say(redis, b"SET", b"large", large)
        assert replies.readline() == b"+OK\r\n"
        say(redis, b"GET", b"large")
        assert replies.readline() == b"$%d\r\n" % len(large)
        assert replies.read(len(large)) == large


def say(redis: socket.socket, *words: bytes) -> None:
    redis.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))


def test_ctrl_c_ends_it_and_leaves_no_process(harbour: Platform) -> None:
    with harbour.forwarding("depot") as (forwarding, told):
        with psycopg.connect(told["uri"]) as connection:
            below = psutil.Process(forwarding.process.pid).children(recursive=True)
            forwarding.process.send_signal(signal.SIGINT)
            assert forwarding.ended() == 130
            with pytest.raises(psycopg.OperationalError):
                connection.execute("select 1")
        assert below == []
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", told["port"]))
    with harbour.rest() as rest:
        path = f"/resources/{harbour.resource('depot')['id']}/tunnel"
        until(lambda: rest.get(path).json()["open"], lambda count: count == 0)


def test_a_killed_pod_breaks_its_connections_and_new_ones_work_afterwards(harbour: Platform) -> None:
    with harbour.forwarding("depot") as (_, told), psycopg.connect(told["uri"], autocommit=True) as connection:
        connection.execute("create table survivors (name text)")
        connection.execute("insert into survivors values ('keeper')")
        with harbour.cluster() as cluster:
            labels = f"fairway.dev/resource={harbour.resource('depot')['id']}"
            (pod,) = cluster.pods(harbour.namespace, labels)
            cluster.delete(kinds.POD, pod.name, harbour.namespace, uid=pod.uid, grace=0)
        until(lambda: breaks(connection))
        assert until(lambda: survivors(told), bool, 60) == [("keeper",)]


def breaks(connection: psycopg.Connection[Any]) -> bool:
    try:
        connection.execute("select 1")
    except psycopg.OperationalError:
        return True
    return False


def survivors(told: Any) -> Any:
    """None while the new pod is not ready."""
    try:
        with psycopg.connect(told["uri"], connect_timeout=5) as connection:
            return connection.execute("select name from survivors").fetchall()
    except psycopg.OperationalError:
        return None


def test_a_wrong_token_is_refused_and_an_audit_tells_who_was_let_in(harbour: Platform) -> None:
    refused = harbour.fairway("connect", "depot", "--forward", FAIRWAY_URL=harbour.url, FAIRWAY_TOKEN="fw_wrong")
    assert (refused.code, "token" in refused.err) == (3, True), refused
    url = f"ws://127.0.0.1:{harbour.port}/api/v1/resources/{harbour.resource('depot')['id']}/tunnel"
    for headers in ({}, {"Authorization": "Bearer fw_wrong"}):
        with pytest.raises(InvalidStatus, match="401"), connect(url, additional_headers=headers, proxy=None):
            pass
    entries = [e for e in harbour.done("audit", "-o", "json").document if e["action"] == "resource.forward"]
    assert {entry["target"]["name"] for entry in entries} >= {"depot", "buoy"}


@pytest.mark.skipif(shutil.which("psql") is None, reason="needs psql on the PATH")
def test_the_client_runs_through_it(harbour: Platform) -> None:
    said = harbour.done("connect", "depot", "--forward", "--exec", "--", "-Atc", "select 6 * 7")
    assert said.out == "42\n"
    wrong = harbour.fairway("connect", "depot", "--forward", "--exec", "--", "-c", "select nothing")
    assert wrong.code == 1 and re.search("column .nothing. does not exist", wrong.err)
