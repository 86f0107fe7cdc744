"""`fairway up` as a process, with small programs in the place of the sandbox and the server."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from fairway.cli import hold
from tests.cli.conftest import Run

STAND_IN = """
import http.server, json, os, pathlib, subprocess, sys, threading
data = pathlib.Path(os.environ["FAIRWAY_DATA_DIR"])
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
(data / f"{ROLE}.pids").write_text(f"{os.getpid()} {grandchild.pid}")
if ROLE == "server":
    assert pathlib.Path(os.environ["FAIRWAY_SANDBOX_KUBECONFIG"]).is_file()
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            assert self.headers["authorization"] == "Bearer fw_x"
            self.send_response(201); self.end_headers()
            self.wfile.write(json.dumps({"url": "http://here/sign-in/once"}).encode())
        def log_message(self, *_): pass
    server = http.server.HTTPServer(("127.0.0.1", int(os.environ["FAIRWAY_PORT"])), Handler)
    (data / "keys").mkdir(exist_ok=True)
    (data / "keys" / "cli.token").write_text("fw_x")
    url = f"http://127.0.0.1:{server.server_port}"
    (data / "server.json").write_text(json.dumps({"url": url, "pid": os.getpid()}))
    print("ready")
    server.serve_forever()
else:
    pathlib.Path(sys.argv[sys.argv.index("--kubeconfig") + 1]).write_text("server: https://127.0.0.1:1")
    print("ready")
    threading.Event().wait()
"""


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, str]:
    """An environment in which `fairway_sandbox` and `fairway.serving` are the stand-ins."""
    over = tmp_path / "over"
    (over / "fairway_sandbox").mkdir(parents=True)
    (over / "fairway_sandbox" / "__init__.py").touch()
    (over / "fairway_sandbox" / "__main__.py").write_text('ROLE = "sandbox"\n' + STAND_IN)
    (over / "sitecustomize.py").write_text(
        "import sys, runpy, pathlib\n"
        "if 'fairway.serving' in sys.orig_argv:\n"
        "    exec(pathlib.Path(__file__).with_name('server.py').read_text(), {'__name__': '__main__'})\n"
    )
    (over / "server.py").write_text('ROLE = "server"\n' + STAND_IN)
    roots = os.pathsep.join([str(over), *[p for p in sys.path if p]])
    return {**os.environ, "PYTHONPATH": roots, "FAIRWAY_DATA_DIR": str(tmp_path / "data"), "FAIRWAY_PORT": str(free())}


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def started(parts: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    with start(parts) as process:
        yield process
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)


def start(parts: dict[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "fairway.cli", "up"]
    return subprocess.Popen(command, env=parts, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def read_until(process: "subprocess.Popen[str]", word: str) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if word in line:
            return said
    raise AssertionError(said + (process.stderr.read() if process.stderr else ""))


def pids(data: Path) -> list[int]:
    return [int(pid) for name in ("sandbox", "server") for pid in (data / f"{name}.pids").read_text().split()]


def gone(found: list[int]) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if not any(psutil.pid_exists(p) and psutil.Process(p).status() != psutil.STATUS_ZOMBIE for p in found):
            return True
        time.sleep(0.05)
    return False


def test_up_prints_the_address_and_a_link_and_ctrl_c_ends_all_even_grandchildren(
    started: "subprocess.Popen[str]", parts: dict[str, str]
) -> None:
    said = read_until(started, "Ctrl-C")
    assert f"Fairway runs at http://127.0.0.1:{parts['FAIRWAY_PORT']}" in said
    assert "http://here/sign-in/once" in said
    found = pids(Path(parts["FAIRWAY_DATA_DIR"]))
    assert len(found) == 4
    started.send_signal(signal.SIGINT)
    assert started.wait(30) == 0
    assert gone(found)


def test_a_server_that_falls_over_is_started_again(started: "subprocess.Popen[str]", parts: dict[str, str]) -> None:
    read_until(started, "Ctrl-C")
    data = Path(parts["FAIRWAY_DATA_DIR"])
    first = json.loads((data / "server.json").read_text())["pid"]
    os.kill(first, signal.SIGKILL)
    until = time.monotonic() + 20
    while json.loads((data / "server.json").read_text() or "{}").get("pid", first) == first:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_killed_supervisor_leaves_no_server_behind(started: "subprocess.Popen[str]", parts: dict[str, str]) -> None:
    read_until(started, "Ctrl-C")
    sandbox, _, server, _ = pids(Path(parts["FAIRWAY_DATA_DIR"]))
    orphans = [p for p in pids(Path(parts["FAIRWAY_DATA_DIR"])) if p not in (sandbox, server)]
    started.kill()
    assert gone([sandbox, server])
    for orphan in orphans:
        os.kill(orphan, signal.SIGKILL)


def test_a_second_one_from_the_same_directory_is_told_about_the_first(
    started: "subprocess.Popen[str]", parts: dict[str, str]
) -> None:
    read_until(started, "Ctrl-C")
    second = start(parts)
    _, err = second.communicate(timeout=30)
    assert second.returncode == 5
    assert f"process {started.pid}" in err


def test_reset_ends_it_and_removes_everything(
    started: "subprocess.Popen[str]", parts: dict[str, str], run: Run
) -> None:
    read_until(started, "Ctrl-C")
    data = Path(parts["FAIRWAY_DATA_DIR"])
    found = pids(data)
    assert run("reset").code == 2
    assert run("reset", "--yes").code == 0
    assert not data.exists()
    assert gone(found)


def test_reset_leaves_a_directory_alone_that_is_not_ours(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "draft.txt").write_text("ten years")
    assert run("reset", "--yes", "--data-dir", str(tmp_path / "thesis")).code == 2
    assert (tmp_path / "thesis" / "draft.txt").exists()


def test_a_port_in_use_is_told_by_the_name_of_who_has_it(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("up", "--port", str(port))
    assert result.code == 5
    assert f"Port {port} is in use by" in result.err
    assert str(os.getpid()) in result.err
    assert f"--port {port + 1}" in result.err


def test_a_server_that_cannot_start_shows_its_last_words(parts: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "over" / "server.py").write_text("raise SystemExit('FAIRWAY_THING: is wrong')")
    process = start(parts)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "FAIRWAY_THING: is wrong" in err


def test_a_bad_setting_is_code_2_and_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRWAY_PORT", "many")
    result = run("up")
    assert result.code == 2
    assert "FAIRWAY_PORT: 'many' is not a port" in result.err


def test_the_hold_ends_with_its_holder(tmp_path: Path) -> None:
    with hold.Hold(tmp_path):
        assert hold.holder(tmp_path) == os.getpid()
    assert hold.holder(tmp_path) is None
