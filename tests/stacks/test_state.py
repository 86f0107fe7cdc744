"""State as Pulumi keeps it: read, written, encrypted, checked, locked."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fairway_stacks.choice import choose
from fairway_stacks.embedded import EmbeddedEngine
from fairway_stacks.port import EngineError, StackLocked
from fairway_stacks.state import locks
from fairway_stacks.state.files import FileStore
from fairway_stacks.state.integrity import Damaged, verify
from fairway_stacks.state.passphrase import Passphrase, WrongPassphrase
from fairway_stacks.state.snapshot import Snapshot
from fairway_stacks.state.stack_state import StackState
from fairway_stacks.state.store import Store
from fairway_stacks.state.table import TableStore
from fairway_stacks.state.values import Secret, plain
from tests.postgres import Postgres
from tests.until import until

GOLDEN = Path(__file__).parent / "golden"
FOLDER = ".pulumi/locks/organization/shop/dev"
PASSPHRASE = "x"


@pytest.fixture(params=["files", "table"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Both stores."""
    if request.param == "files":
        yield FileStore(tmp_path)
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create()
    store = TableStore(server.url(name))
    yield store
    store.close()
    server.drop(name)


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text())


def cleared(document: Any, box: Passphrase) -> Any:
    """Ciphertexts opened: their nonces differ each time."""
    if isinstance(document, dict):
        if "ciphertext" in document:
            return {**document, "ciphertext": json.loads(box.decrypt(document["ciphertext"]))}
        return {key: cleared(part, box) for key, part in document.items()}
    return [cleared(part, box) for part in document] if isinstance(document, list) else document


@pytest.mark.parametrize("name", ["secrets", "replaced", "killed"])
def test_what_the_cli_wrote_is_read_and_written_without_a_difference(name: str) -> None:
    deployment = golden(name)["deployment"]
    snapshot = Snapshot.from_json(deployment, PASSPHRASE)
    written = snapshot.to_json()
    verify(written)
    for part in ("resources", "pending_operations", "secrets_providers"):
        ours, theirs = written.get(part), deployment.get(part)
        assert cleared(ours, snapshot.box) == cleared(theirs, snapshot.box)
        assert [list(one) for one in ours or () if part == "resources"] == [
            list(one) for one in theirs or () if part == "resources"
        ]


def test_secrets_of_the_cli_are_opened_with_its_passphrase_only() -> None:
    deployment = golden("secrets")["deployment"]
    root = Snapshot.from_json(deployment, PASSPHRASE).root
    assert root is not None and isinstance(root.outputs["num"], Secret)
    assert plain(root.outputs["dict"])["a"] == "hunter2"
    assert "hunter2" not in repr(root.outputs["dict"])
    with pytest.raises(WrongPassphrase):
        Snapshot.from_json(deployment, "another")


def test_a_stack_of_the_cli_is_imported_and_exported(kept: Store) -> None:
    state = StackState(kept, PASSPHRASE, "p15", "dev")
    state.import_(golden("secrets"))
    exported = state.export()
    assert exported["version"] == 3
    assert len(exported["deployment"]["resources"]) == len(golden("secrets")["deployment"]["resources"])
    with pytest.raises(EngineError, match="version 2"):
        state.import_({"version": 2, "deployment": {}})


def damaged(**changes: Any) -> Any:
    document = golden("replaced")["deployment"]
    document["resources"][-1] |= changes
    return document


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (damaged(dependencies=["urn:pulumi:dev::p::a:b:C::missing"]), "missing or comes after"),
        (damaged(provider="urn:pulumi:dev::p::pulumi:providers:kubernetes::none::id"), "unknown provider"),
        (damaged(custom=False), "non-empty ID"),
        (damaged(urn=""), "no urn"),
        (damaged(urn=golden("replaced")["deployment"]["resources"][-2]["urn"]), "duplicate resource"),
        ({**damaged(), "manifest": {"version": "v3.260.0", "magic": "0"}}, "magic cookie"),
    ],
)
def test_damage_is_found_before_it_is_saved(document: Any, words: str, kept: Store) -> None:
    state = StackState(kept, PASSPHRASE, "shop", "dev")
    with pytest.raises(Damaged, match=words):
        state.import_({"version": 3, "deployment": document})
    assert not state.exists()


def test_a_file_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore(tmp_path)
    store.write("a/one.json", b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.write("a/one.json", b"new")
    assert store.read("a/one.json") == b"old"
    assert list(store.keys("a")) == ["a/one.json"]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["one.json"]


def test_files_are_for_their_owner_only_and_stay_in_their_folder(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "state")
    store.write("a/one.json", b"x")
    assert (tmp_path / "state" / "a" / "one.json").stat().st_mode & 0o077 == 0
    assert store.read("a/two.json") is None
    store.delete("a/two.json")
    for key in ("../out", "a/../../out"):
        with pytest.raises(ValueError, match="not a key"):
            store.write(key, b"x")


def test_one_holder_at_a_time(kept: Store) -> None:
    with locks.held(kept, FOLDER):
        with pytest.raises(StackLocked, match=f"pid {os.getpid()}"), locks.held(kept, FOLDER):
            raise AssertionError("it was held twice")
        assert len(list(kept.keys(FOLDER))) == 1
    assert list(kept.keys(FOLDER)) == []
    with locks.held(kept, FOLDER):
        pass


def holder(pid: int, hostname: str) -> bytes:
    return json.dumps({"pid": pid, "username": "ada", "hostname": hostname, "timestamp": "2026"}).encode()


def test_a_dead_process_holds_nothing_and_one_elsewhere_does(kept: Store) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    kept.write(f"{FOLDER}/dead.json", holder(ended.pid, socket.gethostname()))
    with locks.held(kept, FOLDER):
        assert f"{FOLDER}/dead.json" not in list(kept.keys(FOLDER))
    kept.write(f"{FOLDER}/elsewhere.json", holder(ended.pid, "another-host"))
    with pytest.raises(StackLocked, match="ada@another-host"), locks.held(kept, FOLDER):
        raise AssertionError("it was held twice")
    assert list(kept.keys(FOLDER)) == [f"{FOLDER}/elsewhere.json"]


def renewed(seconds_ago: float) -> bytes:
    at = (datetime.now(UTC) - timedelta(seconds=seconds_ago)).isoformat()
    return json.dumps({**json.loads(holder(1, "another-host")), "renewed": at}).encode()


def test_a_lock_from_elsewhere_holds_while_it_is_renewed(kept: Store) -> None:
    kept.write(f"{FOLDER}/elsewhere.json", renewed(20))
    with pytest.raises(StackLocked, match="ada@another-host"), locks.held(kept, FOLDER):
        raise AssertionError("it was held twice")
    kept.write(f"{FOLDER}/elsewhere.json", renewed(90))
    with locks.held(kept, FOLDER):
        (mine,) = kept.keys(FOLDER)
        data = kept.read(mine)
        assert data is not None and "renewed" in json.loads(data)


def test_a_start_drops_what_this_machine_s_dead_processes_held(kept: Store) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    kept.write(f"{FOLDER}/dead.json", holder(ended.pid, socket.gethostname()))
    kept.write(f"{FOLDER}/alive.json", holder(os.getppid(), socket.gethostname()))
    kept.write(f"{FOLDER}/elsewhere.json", holder(ended.pid, "another-host"))
    locks.drop_dead(kept)
    assert list(kept.keys(".pulumi/locks")) == [f"{FOLDER}/alive.json", f"{FOLDER}/elsewhere.json"]


def test_a_lock_is_renewed_while_it_is_held(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "RENEWED_EVERY", 0.05)
    with locks.held(kept, FOLDER):
        (mine,) = kept.keys(FOLDER)
        first = kept.read(mine)
        until(lambda: kept.read(mine) != first)
    assert list(kept.keys(FOLDER)) == []


def test_who_lost_the_lock_writes_no_more(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a pause in which somebody else took over."""
    state = StackState(kept, "secret", "shop", "dev")
    with state.lock():
        state.save(Snapshot(Passphrase("secret")))
        for key in kept.keys(FOLDER):
            kept.delete(key)
        monkeypatch.setattr(locks, "_clock", lambda: time.monotonic() + 1e6)
        with pytest.raises(StackLocked, match="lost"):
            state.save(Snapshot(Passphrase("secret")))


def test_without_the_cli_the_embedded_engine_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for kind in ("auto", "embedded"):
        engine = choose(kind, "p", state_dir=tmp_path / "state")
        assert isinstance(engine, EmbeddedEngine)
        engine.close()


def test_a_backend_that_only_the_cli_has_is_refused_by_the_name_of_its_setting(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"FAIRWAY_STATE_URL.*Pulumi CLI"):
        choose("embedded", "p", state_url="s3://bucket", state_dir=tmp_path)


def test_documents_are_kept_by_key_below_their_folders(kept: Store) -> None:
    for key in ("a/two.json", "a/B.json", "a/one.json", "ab/three.json", "a_c/four.json"):
        kept.write(key, key.encode())
    kept.write("a/one.json", b"\x00\xff")
    assert kept.read("a/one.json") == b"\x00\xff" and kept.read("a/none.json") is None
    assert list(kept.keys("a")) == ["a/B.json", "a/one.json", "a/two.json"]
    kept.delete("a/one.json")
    kept.delete("a/one.json")
    assert kept.read("a/one.json") is None


def test_the_table_is_the_one_of_pulumi_and_its_name_can_be_chosen(postgres: Postgres) -> None:
    name = postgres.create()
    for query, table in (("", "pulumi_state"), ("?table=our_state", "our_state")):
        store = TableStore(postgres.url(name) + query)
        store.write(".pulumi/meta.yaml", b"version: 1\n")
        assert "of-the-tests" not in store.url
        with psycopg.connect(postgres.url(name)) as connection:
            found = connection.execute(f"select key, data, updated_at is not null from {table}".encode()).fetchall()
        assert found == [(f"{name}/.pulumi/meta.yaml", {"data": "dmVyc2lvbjogMQo="}, True)]
        store.close()
    postgres.drop(name)


def test_a_postgres_address_chooses_the_table(postgres: Postgres, tmp_path: Path) -> None:
    engine = choose("embedded", "p", state_url=postgres.url("fairway"), state_dir=tmp_path / "state")
    assert isinstance(engine, EmbeddedEngine)
    engine.close()
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgres://me:hushhush@127.0.0.1:1/state", "Connection refused"),
        ("postgres://me:hushhush@no-such-host.invalid/state", "resolve"),
        ("postgres://me:hushhush@127.0.0.1:port/state", "%-escapes"),
    ],
)
def test_an_address_where_no_postgres_answers_names_the_setting(address: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=told) as caught:
        choose("embedded", "p", state_url=address, state_dir=tmp_path)
    assert str(caught.value).startswith("FAIRWAY_STATE_URL: ") and "hushhush" not in str(caught.value)
