"""PulumiEngine, on a CLI that replays what the real one wrote."""

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from fairway_stacks.automation import PulumiEngine
from fairway_stacks.port import ClusterUnreachable, EngineError, Stack, StackLocked
from fairway_stacks.state.passphrase import Passphrase

GOLDEN = Path(__file__).parent / "golden"
LOCKED = "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete it"
HISTORY = """[{"kind": "update", "startTime": "2026-11-23T14:02:35.000Z", "endTime": "2026-11-23T14:02:36.000Z",
"message": "", "environment": {}, "config": {}, "result": "succeeded", "version": 1}]"""
STACK = Stack(
    "fairway",
    "shop-dev-orders-1",
    "tests.programs.plain:main",
    config={"fairway:request": '{"name": "orders"}'},
    secrets={"fairway:seeds": '{"password": "hunter2"}'},
    kubeconfig="apiVersion: v1\n",
)


class Cli:
    """The replaying `pulumi`, and what it was called with."""

    def __init__(self, folder: Path) -> None:
        self.root, self.bin = folder, folder / "bin"
        self.bin.mkdir()
        text = (Path(__file__).parent / "replay.py").read_text().partition("\n")[2]
        (self.bin / "pulumi").write_text(f"#!{sys.executable}\n{text}")
        (self.bin / "pulumi").chmod(0o755)
        self.plays({})

    def plays(self, script: dict[str, dict[str, Any]]) -> None:
        fixed = {"stack output": {"stdout": "{}"}, "stack history": {"stdout": HISTORY}}
        for answer in script.values():
            if "events" in answer:
                answer["events"] = str(GOLDEN / answer["events"])
        (self.bin / "script.json").write_text(json.dumps(fixed | script))

    def calls(self, command: str) -> list[dict[str, Any]]:
        path = self.bin / "calls.jsonl"
        calls = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [call for call in calls if " ".join(call["argv"]).startswith(command)]


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    (tmp_path / "pulumi").mkdir()
    return Cli(tmp_path / "pulumi")


@pytest.fixture
def engine(cli: Cli, tmp_path: Path) -> Iterator[PulumiEngine]:
    engine = PulumiEngine(f"file://{tmp_path}/state", "open sesame", root=cli.root, home=tmp_path / "home")
    yield engine
    engine.close()


def eventually(true: Callable[[], object]) -> None:
    while not true():
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """A process that has ended may wait for somebody to take note of it."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_an_update_gives_steps_outputs_and_events(cli: Cli, engine: PulumiEngine) -> None:
    cli.plays({"up": {"events": "create.jsonl"}, "stack output": {"stdout": '{"host": "10.0.0.1"}'}})
    seen: list[Any] = []
    result = engine.up(STACK, on_event=seen.append)
    assert result.succeeded
    assert result.changes == {"create": 6}
    assert {name: (o.value, o.secret) for name, o in result.outputs.items()} == {"host": ("10.0.0.1", False)}
    assert [event["sequence"] for event in seen] == sorted(event["sequence"] for event in seen)
    assert "summaryEvent" in [next(k for k in event if k.endswith("Event")) for event in seen]


def test_a_preview_of_a_new_stack_leaves_no_stack(cli: Cli, engine: PulumiEngine) -> None:
    missing = {"stderr": "error: no stack named 'shop-dev-orders-1' found", "code": 6}
    cli.plays({"preview": {"events": "create.jsonl"}, "stack select": missing})
    assert engine.preview(STACK).changes == {"create": 6}
    assert cli.calls("stack rm")


def test_a_preview_of_a_stack_that_is_there_leaves_it(cli: Cli, engine: PulumiEngine) -> None:
    cli.plays({"preview": {"events": "replace.jsonl"}})
    assert engine.preview(STACK).changes["replace"] == 3
    assert not cli.calls("stack rm")


def test_a_destruction_can_be_previewed_and_done(cli: Cli, engine: PulumiEngine) -> None:
    cli.plays({"destroy": {"events": "destroy.jsonl"}})
    assert engine.preview_destroy(STACK).changes == {"delete": 3}
    assert "--preview-only" in cli.calls("destroy")[0]["argv"]
    assert engine.destroy(STACK).changes == {"delete": 3}
    assert "--preview-only" not in cli.calls("destroy")[1]["argv"]


def test_secrets_reach_no_argument_and_no_file_in_the_clear(cli: Cli, engine: PulumiEngine) -> None:
    cli.plays({"up": {"events": "create.jsonl"}})
    engine.up(STACK)
    calls = cli.calls("")
    assert "hunter2" not in json.dumps(calls)
    settings = yaml.safe_load(calls[0]["files"]["Pulumi.shop-dev-orders-1.yaml"])
    assert settings["config"]["fairway:request"] == '{"name": "orders"}'
    box = Passphrase("open sesame", settings["encryptionsalt"])
    assert box.decrypt(settings["config"]["fairway:seeds"]["secure"]) == '{"password": "hunter2"}'
    assert "open sesame" not in json.dumps([call["environment"] for call in calls])
    assert not cli.calls("config set")


def test_the_kubeconfig_is_the_runs_own_and_nobody_elses(cli: Cli, engine: PulumiEngine) -> None:
    cli.plays({"up": {"events": "create.jsonl"}})
    engine.up(STACK)
    (call,) = cli.calls("up")
    path = Path(call["environment"]["KUBECONFIG"])
    assert call["files"][path.name] == STACK.kubeconfig
    assert set(call["modes"].values()) == {"0o600"} | {call["modes"].get("events.jsonl", "0o600")}
    assert not path.parent.exists()


def test_state_in_files_has_no_second_files_that_a_kill_could_leave_half_written(
    cli: Cli, engine: PulumiEngine, tmp_path: Path
) -> None:
    cli.plays({"up": {"events": "create.jsonl"}})
    engine.up(STACK)
    (call,) = cli.calls("up")
    assert call["environment"]["PULUMI_BACKEND_URL"] == f"file://{tmp_path}/state?metadata=skip"


def test_a_failure_is_a_result_with_its_reason(cli: Cli, engine: PulumiEngine) -> None:
    cli.plays({"up": {"events": "bad-image.jsonl", "code": 1}})
    result = engine.up(STACK)
    assert not result.succeeded
    assert not result.cancelled
    assert "timed out waiting to be Ready" in result.errors[0][1]


def test_a_failure_without_events_is_told_in_the_clis_words(cli: Cli, engine: PulumiEngine) -> None:
    cli.plays({"up": {"stderr": "error: could not read the state", "code": 1}})
    assert engine.up(STACK).errors == (("", "error: could not read the state"),)


def test_a_lock_of_somebody_else_is_told_as_such(cli: Cli, engine: PulumiEngine) -> None:
    cli.plays({"up": {"stderr": LOCKED, "code": 1}})
    with pytest.raises(StackLocked, match="currently locked"):
        engine.up(STACK)


def held(host: str, pid: int, since: datetime) -> str:
    """What the CLI says of a lock."""
    at = since.isoformat(timespec="seconds")
    return f"{LOCKED} the lock file with `pulumi cancel`.\n  file:///1.json: created by me@{host} (pid {pid}) at {at}"


def test_a_lock_whose_process_is_dead_is_broken(cli: Cli, engine: PulumiEngine) -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    lock = held(socket.gethostname(), child.pid, datetime.now(UTC))
    cli.plays({"up": {"locked": lock, "events": "create.jsonl"}})
    assert engine.up(STACK).changes == {"create": 6}
    assert len(cli.calls("cancel")) == 1


def test_a_lock_whose_process_lives_is_not_broken(cli: Cli, engine: PulumiEngine) -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        cli.plays({"up": {"locked": held(socket.gethostname(), child.pid, datetime.now(UTC))}})
        with pytest.raises(StackLocked, match="created by me"):
            engine.up(STACK)
        child.kill()
    assert not cli.calls("cancel")


def test_a_lock_of_another_host_is_broken_once_that_is_known_to_be_gone(cli: Cli, engine: PulumiEngine) -> None:
    cli.plays({"up": {"locked": held("fairway-1", 1, datetime.now(UTC)), "events": "create.jsonl"}})
    with pytest.raises(StackLocked):
        engine.up(STACK)
    engine.release("fairway-1")
    later = held("fairway-1", 1, datetime.now(UTC) + timedelta(seconds=2))
    cli.plays({"up": {"locked": later}})
    with pytest.raises(StackLocked):
        engine.up(STACK)
    cli.plays({"up": {"locked": held("fairway-1", 1, datetime.now(UTC) - timedelta(60)), "events": "create.jsonl"}})
    assert engine.up(STACK).succeeded


def test_what_is_abandoned_ends_as_locked_and_leaves_the_lock(cli: Cli, engine: PulumiEngine) -> None:
    cli.plays({"up": {"wait": True}})
    raised: list[Exception] = []

    def operate() -> None:
        try:
            engine.up(STACK)
        except StackLocked as error:
            raised.append(error)

    first = threading.Thread(target=operate)
    first.start()
    eventually(lambda: cli.calls("up"))
    engine.abandon()
    engine.abandon()
    first.join()
    assert "left to another server" in str(raised[0])
    assert not alive(cli.calls("up")[0]["pid"])
    assert not cli.calls("cancel")
    cli.plays({"up": {"events": "create.jsonl"}})
    assert engine.up(STACK).succeeded


def test_a_cluster_that_does_not_answer_is_told_as_such(cli: Cli, engine: PulumiEngine) -> None:
    cli.plays({"up": {"events": "unreachable.jsonl", "code": 1}})
    with pytest.raises(ClusterUnreachable, match="unreachable"):
        engine.up(STACK)


def test_a_second_operation_on_a_stack_is_refused_and_the_first_can_be_cancelled(
    cli: Cli, engine: PulumiEngine
) -> None:
    cli.plays({"up": {"wait": True}})
    results: list[Any] = []
    first = threading.Thread(target=lambda: results.append(engine.up(STACK)))
    first.start()
    eventually(lambda: cli.calls("up"))
    with pytest.raises(StackLocked):
        engine.up(STACK)
    assert engine.cancel(STACK)
    first.join()
    assert results[0].cancelled
    assert not results[0].succeeded
    assert not engine.cancel(STACK)


def test_cancelling_twice_ends_every_process_and_gives_the_lock_back(cli: Cli, engine: PulumiEngine) -> None:
    cli.plays({"up": {"wait": True}})
    results: list[Any] = []
    first = threading.Thread(target=lambda: results.append(engine.up(STACK)))
    first.start()
    eventually(lambda: cli.calls("up"))
    engine.close()
    first.join()
    assert results[0].cancelled
    assert not alive(cli.calls("up")[0]["pid"])
    assert cli.calls("cancel")


def test_a_stack_that_is_not_there_has_no_outputs_and_is_gone_already(cli: Cli, engine: PulumiEngine) -> None:
    cli.plays({"stack select": {"stderr": "error: no stack named 'x' found", "code": 6}})
    assert engine.outputs(STACK) == {}
    engine.remove(STACK)
    with pytest.raises(EngineError, match="no stack named"):
        engine.export(STACK)


def test_a_stack_with_resources_is_not_removed(cli: Cli, engine: PulumiEngine) -> None:
    cli.plays({"stack rm": {"stderr": "error: 'x' still has resources; removal rejected", "code": 1}})
    with pytest.raises(EngineError, match="still has resources"):
        engine.remove(STACK)


def test_a_state_larger_than_a_pipe_is_exported_whole(cli: Cli, engine: PulumiEngine) -> None:
    state = {"version": 3, "deployment": {"resources": ["x" * 1000] * 500}}
    cli.plays({"stack export": {"stdout": json.dumps(state)}})
    assert engine.export(STACK) == state


def test_a_backend_of_another_kind_is_refused(tmp_path: Path, cli: Cli) -> None:
    with pytest.raises(EngineError, match=r"FAIRWAY_STATE_URL: .*file://"):
        PulumiEngine("ftp://state", "x", root=cli.root)


def test_the_clis_words_about_its_backend_have_no_password(cli: Cli, tmp_path: Path) -> None:
    address = "postgres://me:hush%2Fhush@127.0.0.1:1/state"
    engine = PulumiEngine(address, "open sesame", root=cli.root, home=tmp_path)
    words = f'error: unable to open state database "{address}": as me:hush/hush: connection refused'
    cli.plays({"up": {"stderr": words, "code": 1}, "stack select": {"stderr": words, "code": 1}})
    ((_, said),) = engine.up(STACK).errors
    assert "connection refused" in said and "hush" not in said
    with pytest.raises(EngineError, match="connection refused") as caught:
        engine.outputs(STACK)
    assert "hush" not in str(caught.value)


def test_without_a_cli_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("pulumi") is None
    with pytest.raises(EngineError, match="no `pulumi` on the PATH"):
        PulumiEngine(f"file://{tmp_path}", "x")
