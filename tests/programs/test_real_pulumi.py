"""PulumiEngine on the real CLI: programs without a cluster. Skipped where there is no `pulumi` on the PATH."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from fairway_stacks.automation import PulumiEngine
from fairway_stacks.port import EngineError, Stack, StackLocked
from fairway_stacks.state.stack_state import StackState
from fairway_stacks.state.table import TableStore
from tests.postgres import Postgres

pytestmark = [
    pytest.mark.pulumi,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="there is no `pulumi` on the PATH"),
]
SECRET, PASSPHRASE = "hunter2", "open sesame"
STACK = Stack(
    "fairway", "shop-dev-orders-1", "tests.programs.plain:main", {"fairway:request": "{}"}, {"fairway:seeds": SECRET}
)

SERVER = """
import sys
from dataclasses import replace
from pathlib import Path
from fairway_stacks.automation import PulumiEngine
from tests.programs.test_real_pulumi import STACK
url, passphrase, home = sys.argv[1:]
PulumiEngine(url, passphrase, home=Path(home)).up(replace(STACK, program="tests.programs.plain:hangs"))
"""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[PulumiEngine]:
    engine = PulumiEngine(f"file://{tmp_path}/state", PASSPHRASE, home=tmp_path / "home")
    yield engine
    engine.close()


def run_of(engine: PulumiEngine, program: str, results: list[Any]) -> threading.Thread:
    stack = replace(STACK, program=f"tests.programs.plain:{program}")
    thread = threading.Thread(target=lambda: results.append(engine.up(stack)))
    thread.start()
    return thread


def test_a_stack_lives_from_its_preview_to_its_removal(engine: PulumiEngine, tmp_path: Path) -> None:
    assert engine.preview(STACK).changes == {"create": 2}
    assert engine.outputs(STACK) == {}
    events: list[Any] = []
    made = engine.up(STACK, on_event=events.append)
    assert made.succeeded, made.errors
    assert [(step.op, step.type) for step in made.steps] == [
        ("create", "pulumi:pulumi:Stack"),
        ("create", "fairway:tests:Part"),
    ]
    assert {n: (o.value, o.secret) for n, o in made.outputs.items()} == {
        "plain": ("{}", False),
        "secret": (SECRET, True),
    }
    assert SECRET not in str(events)
    assert SECRET not in "".join(path.read_text() for path in (tmp_path / "state").rglob("*") if path.is_file())
    with pytest.raises(EngineError, match="still has resources"):
        engine.remove(STACK)
    engine.import_(STACK, engine.export(STACK))
    assert engine.refresh(STACK).succeeded
    assert engine.up(STACK).changes == {"same": 2}
    assert engine.preview_destroy(STACK).changes == {"delete": 2}
    assert engine.destroy(STACK).changes == {"delete": 2}
    engine.remove(STACK)
    assert engine.outputs(STACK) == {}


def test_both_engines_continue_each_others_state_in_a_table(postgres: Postgres, tmp_path: Path) -> None:
    name = postgres.create()
    url = f"{postgres.url(name)}?sslmode=disable"
    store = TableStore(url)
    theirs, ours = PulumiEngine(url, PASSPHRASE, home=tmp_path), StackState(store, PASSPHRASE, "fairway", STACK.name)
    made = theirs.up(STACK)
    assert made.succeeded, made.errors
    snapshot = ours.load()
    assert [(r.type, r.name) for r in snapshot.resources] == [
        ("pulumi:pulumi:Stack", f"fairway-{STACK.name}"),
        ("fairway:tests:Part", "one"),
    ]
    with ours.lock():
        ours.save(snapshot)
        with pytest.raises(StackLocked):
            theirs.up(STACK)
    assert theirs.up(STACK).changes == {"same": 2}
    assert theirs.outputs(STACK)["secret"].value == SECRET
    assert theirs.destroy(STACK).succeeded
    theirs.remove(STACK)
    assert not ours.exists()
    theirs.close()
    store.close()
    postgres.drop(name)


def test_a_program_that_breaks_says_where(engine: PulumiEngine) -> None:
    result = engine.up(replace(STACK, program="tests.programs.plain:breaks"))
    assert not result.succeeded
    ((_, message),) = result.errors
    assert "ValueError: this program is broken" in message


def test_a_program_that_is_not_installed_is_told_with_the_way_out(engine: PulumiEngine) -> None:
    result = engine.up(replace(STACK, program="acme_offerings.mailbox:main"))
    assert not result.succeeded
    assert "acme_offerings.mailbox:main cannot be imported: No module named 'acme_offerings'" in str(result.errors)


def test_a_program_that_hangs_can_be_cancelled_and_its_lock_is_given_back(engine: PulumiEngine, tmp_path: Path) -> None:
    results: list[Any] = []
    thread = run_of(engine, "hangs", results)
    while not list((tmp_path / "state").glob(".pulumi/locks/**/*.json")):
        time.sleep(0.1)
    with pytest.raises(StackLocked):
        PulumiEngine(f"file://{tmp_path}/state", PASSPHRASE, home=tmp_path / "home").up(STACK)
    assert engine.cancel(STACK)
    thread.join()
    assert results[0].cancelled
    assert engine.up(STACK).succeeded


def test_what_is_ended_at_once_leaves_no_lock(engine: PulumiEngine, tmp_path: Path) -> None:
    results: list[Any] = []
    thread = run_of(engine, "hangs", results)
    while not list((tmp_path / "state").glob(".pulumi/locks/**/*.json")):
        time.sleep(0.1)
    engine.cancel(STACK)
    engine.cancel(STACK)
    thread.join()
    assert not list((tmp_path / "state").glob(".pulumi/locks/**/*.json"))
    assert engine.up(STACK).succeeded


def test_what_was_killed_with_its_server_leaves_a_lock_that_is_broken(engine: PulumiEngine, tmp_path: Path) -> None:
    """A whole server is killed, the CLI and its plugins with it."""
    words = [sys.executable, "-c", SERVER, f"file://{tmp_path}/state", PASSPHRASE, str(tmp_path / "home")]
    with subprocess.Popen(words, cwd=Path(__file__).parents[2], start_new_session=True) as server:
        while not list((tmp_path / "state").glob(".pulumi/locks/**/*.json")):
            time.sleep(0.1)
        for process in [*psutil.Process(server.pid).children(recursive=True), psutil.Process(server.pid)]:
            process.kill()
    assert list((tmp_path / "state").glob(".pulumi/locks/**/*.json"))
    result = engine.up(STACK)
    assert result.succeeded, result.errors
    assert not list((tmp_path / "state").glob(".pulumi/locks/**/*.json"))
