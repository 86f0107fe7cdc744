"""A resource's port, forwarded over a WebSocket: who may, how many, and how it ends."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlmodel import select
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from fairway.api import tunnels
from fairway.db.clock import now
from fairway.domain import open_tunnels, signin
from fairway.domain.context import Context
from fairway.models import AuditEntry, Membership, Resource, Token, User
from tests import echo
from tests.cast import Cast
from tests.echo import put_behind
from tests.kube.fake import FakeKubernetes, Running
from tests.served import served
from tests.until import until


@pytest.fixture
def db(context: Context, cast: Cast, fake: Running) -> Iterator[Resource]:
    with echo.database(context, cast, fake) as resource:
        yield resource


@pytest.fixture
def url(app: Litestar, db: Resource) -> Iterator[str]:
    with served(app) as url:
        yield f"{url}/api/v1/resources/{db.id}/tunnel"


def dial(url: str, headers: dict[str, str]) -> ClientConnection:
    return connect(url.replace("http", "ws", 1), additional_headers=headers, compression=None, proxy=None)


def refusal(url: str, headers: dict[str, str]) -> dict[str, Any]:
    with pytest.raises(InvalidStatus) as refused, dial(url, headers):
        pass
    response = refused.value.response
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = json.loads(bytes(response.body or b""))
    assert document["status"] == response.status_code
    return document


def ending(socket: ClientConnection) -> tuple[int, str]:
    """The code and the reason with which the server closes."""
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=10)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code, closed.value.rcvd.reason


def audited(context: Context) -> list[AuditEntry]:
    with context.database.read() as session:
        return list(session.exec(select(AuditEntry).where(AuditEntry.action == "resource.forward")))


def test_bytes_go_both_ways_and_each_direction_ends_by_itself(url: str, cast: Cast) -> None:
    said = bytes(range(256)) * 2**14
    with dial(url, cast.headers["bob"]) as socket:

        def say() -> None:
            for start in range(0, len(said), 2**16):
                socket.send(said[start : start + 2**16])
            socket.send(b"")

        saying = threading.Thread(target=say)
        saying.start()
        heard = bytearray()
        while data := socket.recv(timeout=10):
            assert isinstance(data, bytes)
            heard += data
        saying.join()
        assert ending(socket) == (1000, "")
    assert heard == said


def test_it_needs_a_token_and_no_cookie_will_do(
    url: str, cast: Cast, context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    with context.database.write() as session:
        cookie = signin.open_for(session, session.get_one(User, cast.alice.user_id)).secret
    for headers in ({}, {"Cookie": f"{signin.COOKIE}={cookie}"}):
        told = refusal(url, headers)
        assert (told["status"], "token" in told["detail"]) == (401, True)
    assert refusal(url, {"Authorization": "Bearer fw_wrong"})["status"] == 401
    assert refusal(url, {"Authorization": "Basic eDp5"})["status"] == 401
    assert caplog.records == []


def test_it_is_for_those_who_may_see_the_secrets(url: str, cast: Cast, context: Context) -> None:
    for person, status in (("vera", 403), ("charlie", 404)):
        assert refusal(url, cast.headers[person])["status"] == status
        assert httpx.get(url, headers=cast.headers[person]).status_code == status
    assert audited(context) == []
    for person in ("ada", "alice", "bob"):
        with dial(url, cast.headers[person]):
            pass
    assert {entry.actor_name for entry in audited(context)} == {"ada", "alice", "bob"}


def test_a_pool_of_connections_is_one_sitting_in_the_audit(
    url: str, cast: Cast, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dial(url, cast.headers["bob"]), dial(url, cast.headers["bob"]):
        pass
    (entry,) = audited(context)
    assert (entry.actor_name, entry.target_name, entry.via) == ("bob", "db", "api")
    monkeypatch.setattr(open_tunnels, "SITTING", open_tunnels.SITTING * 0)
    with dial(url, cast.headers["bob"]):
        pass
    assert len(audited(context)) == 2


def test_one_person_has_so_many_at_once(
    url: str, cast: Cast, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_tunnels, "MOST", 2)
    bob = cast.headers["bob"]
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(dial(url, bob))
        assert httpx.get(url, headers=bob).json()["open"] == 2
        told = refusal(url, bob)
        assert (told["status"], told["type"]) == (403, "urn:fairway:problem:quota-exceeded")
        with dial(url, cast.headers["alice"]):
            pass
    until(lambda: context.tunnels.count(cast.bob), lambda count: count == 0)
    with dial(url, bob):
        pass


def test_what_cannot_be_reached_is_told_before_it_opens(
    url: str, db: Resource, cast: Cast, fake: Running, api: FakeKubernetes
) -> None:
    bob = cast.headers["bob"]
    assert httpx.get(url, headers=bob).json()["pod"] == "db-0"
    put_behind(api, db.id, 5432, 1)
    assert "db-0:1 does not answer" in refusal(url, bob)["detail"]
    put_behind(api, db.id, 5432, 1, ready=False)
    told = refusal(url, bob)
    assert (told["status"], told["retry"], told["detail"]) == (503, True, "No pod behind db is ready")
    fake.stop()
    assert refusal(url, bob)["status"] == httpx.get(url, headers=bob).status_code == 503
    fake.start()
    assert refusal(url.replace(db.id, "nothing"), bob)["status"] == 404


def test_a_program_that_listens_nowhere_has_no_port_to_forward(
    url: str, db: Resource, cast: Cast, context: Context
) -> None:
    with context.database.write() as session:
        row = session.get_one(Resource, db.id)
        row.outputs = {}
        session.add(row)
    told = refusal(url, cast.headers["bob"])
    assert (told["status"], told["detail"]) == (409, "db listens on no port: there is nothing to forward")


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunnels, "LOOK_AGAIN", 0.1)


@pytest.mark.parametrize(
    ("change", "code", "word"),
    [("revoke", 4401, "revoked"), ("leave", 4404, "resource"), ("destroy", 4404, "destroyed")],
)
def test_it_closes_when_it_is_not_the_callers_any_more(
    url: str,
    db: Resource,
    cast: Cast,
    context: Context,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
    code: int,
    word: str,
) -> None:
    monkeypatch.setattr(tunnels, "LOOK_AGAIN", 0.1)
    with dial(url, cast.headers["bob"]) as socket:
        with context.database.write() as session:
            if change == "revoke":
                for token in session.exec(select(Token).where(Token.user_id == cast.bob.user_id)):
                    token.revoked_at = now()
            elif change == "leave":
                session.delete(session.exec(select(Membership).where(Membership.user_id == cast.bob.user_id)).one())
            else:
                session.get_one(Resource, db.id).destroyed_at = now()
        told = ending(socket)
    assert told[0] == code and word in told[1], told


def test_it_closes_when_the_pod_does_and_frees_its_place_when_the_client_leaves(
    url: str, cast: Cast, context: Context
) -> None:
    with dial(url, cast.headers["bob"]) as socket:
        socket.send(b"leave")
        assert socket.recv(timeout=10) == b""
        socket.send(b"")
        assert ending(socket) == (1000, "")
    with dial(url, cast.headers["bob"]) as socket:
        assert context.tunnels.count(cast.bob) == 1
        socket.socket.close()
        until(lambda: context.tunnels.count(cast.bob), lambda count: count == 0)


def test_words_instead_of_bytes_are_an_error(url: str, cast: Cast) -> None:
    with dial(url, cast.headers["bob"]) as socket:
        socket.send("select 1")
        assert ending(socket) == (4422, "A tunnel carries binary messages")


def test_the_end_of_the_server_ends_it(app: Litestar, db: Resource, cast: Cast, context: Context) -> None:
    with ExitStack() as clients:
        with served(app) as url:
            socket = clients.enter_context(dial(f"{url}/api/v1/resources/{db.id}/tunnel", cast.headers["bob"]))
        assert ending(socket)[0] == 1012
    assert context.tunnels.count(cast.bob) == 0
