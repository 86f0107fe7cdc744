"""The prober process, against real sockets."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from fairway_chaos.asking import ask
from fairway_chaos.experiment import Probe, ProbeKind
from fairway_chaos.fake import FakeClock, FakeCluster
from fairway_chaos.probing import ProbeProcess, default_probe
from fairway_chaos.samples import Answer, Sample


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(0.6)
        self.send_response(503 if self.path == "/bad" else 200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def probe_for(probe: Probe, slots: int = 5) -> list[Sample]:
    prober, found = ProbeProcess(probe, cadence=0.1), list[Sample]()
    prober.start()
    deadline = time.monotonic() + 30
    while len(found) < slots and time.monotonic() < deadline:
        time.sleep(0.05)
        found += prober.read()
    found += prober.stop()
    assert prober.stop() == []
    return [s for s in found if s.answer is not Answer.NOT_SENT]


def answers(samples: list[Sample]) -> set[Answer]:
    return {sample.answer for sample in samples}


def test_slots_lie_on_a_grid_and_come_in_order(server: str) -> None:
    found = probe_for(Probe(address=server + "/", timeout=0.5))
    assert answers(found) == {Answer.OK}
    offsets = [(s.scheduled - found[0].scheduled) / 0.1 for s in found]
    assert offsets == sorted(offsets)
    assert all(abs(offset - round(offset)) < 0.001 for offset in offsets)


def test_a_slow_answer_does_not_hold_the_grid_up(server: str) -> None:
    found = probe_for(Probe(address=server + "/slow", timeout=0.3))
    assert answers(found) == {Answer.TIMEOUT}
    assert len({round(s.scheduled, 3) for s in found}) >= 5


def test_answers_are_told_apart(server: str) -> None:
    assert answers(probe_for(Probe(address=server + "/bad", timeout=0.5), 2)) == {Answer.STATUS}
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        assert answers(probe_for(Probe(address=f"http://127.0.0.1:{port}/", timeout=0.5), 2)) == {Answer.REFUSED}


def test_a_server_is_asked_in_its_own_protocol() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    if connection.recv(64):
                        connection.sendall(b"-NOAUTH Authentication required.\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        probe = default_probe("redis", "127.0.0.1", port)
        assert answers(probe_for(probe, 2)) == {Answer.OK}
        snapshot = FakeCluster(FakeClock()).snapshot()
        assert ask(probe, snapshot) == (True, "answered")
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_probes_asked_once_tell_what_they_found(server: str) -> None:
    snapshot = FakeCluster(FakeClock()).snapshot()
    assert ask(Probe(address=server + "/"), snapshot) == (True, "answered 200")
    assert ask(Probe(address=server + "/bad"), snapshot) == (False, "answered 503")
    assert ask(Probe(ProbeKind.KUBERNETES, ready=4), snapshot) == (False, "3 ready")
    assert ask(Probe(ProbeKind.COMMAND, command=("false",)), snapshot) == (False, "exit code 1")
    met, found = ask(Probe(ProbeKind.PROMETHEUS, address=server, query="up"), snapshot)
    assert met is None and found.startswith("no data")
