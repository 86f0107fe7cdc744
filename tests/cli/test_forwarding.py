"""`fairway connect --forward`: a port of this machine that leads to a resource."""

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fairway.cli import forwarding
from fairway.cli.failure import Failure
from fairway.db.clock import now
from fairway.domain.context import Context
from fairway.models import Resource
from tests import echo
from tests.cast import Cast
from tests.cli.conftest import Run, token_of
from tests.cli.documents import ID, resource
from tests.cli.script import Script
from tests.echo import put_behind
from tests.forwarding import Forwarding
from tests.kube.fake import FakeKubernetes, Running
from tests.until import until


@pytest.fixture
def db(context: Context, cast: Cast, fake: Running, platform: str) -> Iterator[Resource]:
    with echo.database(context, cast, fake) as resource:
        yield resource


def started(*words: str) -> Forwarding:
    command = [sys.executable, "-m", "fairway.cli", "connect", "shop/dev/db", *words]
    return Forwarding(command, {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)})


@contextmanager
def forwarded(*words: str) -> Iterator[tuple[Forwarding, Any]]:
    """With the document that it printed."""
    forwarding = started("--forward", "0", "-o", "json", *words)
    try:
        yield forwarding, forwarding.document()
    finally:
        forwarding.process.kill()
        forwarding.ended()


def said_back(port: int, said: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:

        def say() -> None:
            connection.sendall(said)
            connection.shutdown(socket.SHUT_WR)

        saying = threading.Thread(target=say)
        saying.start()
        heard = bytearray()
        while data := connection.recv(65536):
            heard += data
        saying.join()
    return bytes(heard)


def test_bytes_go_through_it_and_ctrl_c_ends_it(db: Resource, context: Context, cast: Cast) -> None:
    said = bytes(range(256)) * 2**14
    with forwarded("--reveal") as (forwarding, document):
        port = document["port"]
        assert (document["host"], document["uri"]) == ("127.0.0.1", f"postgresql://app:hunter2@127.0.0.1:{port}/app")
        assert document["command"] == f"psql 'host=127.0.0.1 port={port} user=app dbname=app'"
        with socket.create_connection(("127.0.0.1", port), timeout=10) as other:
            other.sendall(b"at the same time")
            assert said_back(port, said) == said
            assert other.recv(100) == b"at the same time"
            forwarding.process.send_signal(signal.SIGINT)
            assert forwarding.ended() == 130
            assert other.recv(100) == b""
        assert forwarding.said == [f"127.0.0.1:{port} leads to db until you end this with Ctrl-C.\n"]
    until(lambda: context.tunnels.count(cast.alice), lambda count: count == 0)


def test_without_reveal_the_password_stays_masked(db: Resource) -> None:
    with forwarded() as (_, document):
        assert document["password"] == "********" and "hunter2" not in json.dumps(document)


def test_a_connection_that_fails_is_told_in_a_line_and_the_next_one_works(
    db: Resource, fake: Running, api: FakeKubernetes
) -> None:
    with forwarded() as (forwarding, document):
        slices = [o for (plural, *_), o in api.objects.items() if plural == "endpointslices"]
        port = slices[0]["ports"][0]["port"]
        put_behind(api, db.id, 5432, 1)
        assert said_back(document["port"], b"") == b""
        until(lambda: len(forwarding.said) == 2)
        assert "fairway: db-0:1 does not answer: " in forwarding.said[1]
        put_behind(api, db.id, 5432, port)
        assert said_back(document["port"], b"again") == b"again"


def test_it_ends_when_no_connection_can_work_any_more(db: Resource, context: Context) -> None:
    with forwarded() as (forwarding, document):
        with context.database.write() as session:
            session.get_one(Resource, db.id).destroyed_at = now()
        assert said_back(document["port"], b"") == b""
        assert forwarding.ended() == 4
    assert "db is destroyed" in forwarding.said[-1]


def test_who_may_not_is_told_before_anything_listens(
    db: Resource, run: Run, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "listen", lambda wanted, own: pytest.fail("it listens"))
    for person, code in (("vera", 3), ("charlie", 4)):
        assert run("connect", "shop/dev/db", "--forward", "--token", token_of(cast, person)).code == code
    assert run("connect", "shop/dev/db", "--forward", "--token", "fw_wrong").code == 3


def test_a_port_that_is_taken_is_told_with_who_has_it_and_the_own_one_makes_way() -> None:
    with forwarding.listen(0, 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Failure, match=f"Port {port} is in use by") as told:
            forwarding.listen(port, 0)
        assert told.value.code == 5
        with forwarding.listen(None, port) as another:
            assert another.getsockname()[1] != port


@pytest.mark.parametrize("word", ["db", "65536", "1.5"])
def test_what_is_no_port_is_told(run: Run, word: str) -> None:
    result = run("connect", "shop/dev/db", f"--forward={word}")
    assert result.code == 2 and f"'{word}' is no port" in result.err


CLIENT = """\
#!/bin/sh
exec {python} -c 'import os, re, socket, sys
port = re.search("port=([0-9]+)", sys.argv[1])[1]
with socket.create_connection(("127.0.0.1", int(port))) as connection:
    connection.sendall(os.environ["PGPASSWORD"].encode())
    print(connection.recv(100).decode(), sys.argv[2:], flush=True)
sys.exit(5)' "$@"
"""


def put_psql(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First on the PATH."""
    psql = folder / "bin" / "psql"
    psql.parent.mkdir()
    psql.write_text(text)
    psql.chmod(0o755)
    monkeypatch.setenv("PATH", f"{psql.parent}:{os.environ['PATH']}")


def test_a_client_runs_beside_it_and_its_end_is_the_end(
    db: Resource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_psql(CLIENT.format(python=sys.executable), tmp_path, monkeypatch)
    forwarding = started("--forward", "--exec", "--", "-c", "select 1")
    assert forwarding.process.stdout is not None
    assert forwarding.process.stdout.read() == "hunter2 ['-c', 'select 1']\n"
    assert (forwarding.ended(), forwarding.said) == (5, [])


def test_ctrl_c_is_the_clients_own(db: Resource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = "#!/bin/sh\ntrap 'echo cancelled; exit 7' INT\necho ready\nwhile :; do sleep 0.1; done\n"
    put_psql(patient, tmp_path, monkeypatch)
    forwarding = started("--forward", "--exec")
    assert forwarding.process.stdout is not None
    assert forwarding.process.stdout.readline() == "ready\n"
    os.killpg(forwarding.process.pid, signal.SIGINT)
    assert forwarding.process.stdout.read() == "cancelled\n"
    assert (forwarding.ended(), forwarding.said) == (7, [])


@pytest.mark.parametrize(("addressing", "hinted"), [("dns", True), ("ip", False)])
def test_where_the_address_is_the_clusters_own_the_way_there_is_told(
    run: Run, script: Script, addressing: str, hinted: bool
) -> None:
    script.on("GET", "/resources", [resource()])
    script.on("GET", f"/resources/{ID}/connection", {"host": "db.shop-dev.svc", "addressing": addressing})
    result = run("connect", "db")
    assert ("fairway connect shop/dev/db --forward" in result.err) is hinted
    assert "addressing" not in result.out
