"""A warm process that has imported the SDK and forks a child for each program.

`python -m fairway_stacks.running.zygote SOCKET`

A client sends one JSON line and a descriptor for what the program prints; the answer is one JSON line
`{"exit": code, "error": text}`. When the client goes away, its child is killed; when the server that started it goes
away, the end of its standard input says so.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress

IDLE = 60.0
WARM = (
    "pulumi",
    "pulumi.runtime.stack",
    "pulumi_kubernetes.core.v1",
    "pulumi_kubernetes.apps.v1",
    "pulumi_kubernetes.meta.v1",
    "pulumi_kubernetes.policy.v1",
    "pulumi_kubernetes.networking.v1",
    "fairway_stacks.running.program",
    "fairway_stacks.programs.postgres",
    "fairway_stacks.programs.redis",
    "fairway_stacks.programs.queue",
    "fairway_stacks.programs.deployment",
    "fairway_stacks.programs.namespace",
)


def main(path: str) -> None:
    for name in WARM:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([listener.fileno(), sys.stdin.fileno()], [], [], IDLE)
            if listener.fileno() not in ready:
                return
            client, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _serve(client)
                os._exit(0)
            client.close()


def _serve(client: socket.socket) -> None:
    """In a process of its own: forks the program's, and watches both it and the client."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    line, descriptors = _receive(client)
    alive, held = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(alive)
        client.close()
        _run(line, descriptors)
    os.close(held)
    for descriptor in descriptors:
        os.close(descriptor)
    while True:
        ready, _, _ = select.select([client.fileno(), alive], [], [])
        if alive in ready:
            break
        if not client.recv(1):
            _kill(child)
            break
    _, status = os.waitpid(child, 0)
    with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked may have ended
        client.sendall(json.dumps({"exit": os.waitstatus_to_exitcode(status)}).encode() + b"\n")


def _run(line: bytes, descriptors: list[int]) -> None:
    from fairway_stacks.running import program

    os.setsid()
    for target in (1, 2):
        os.dup2(descriptors[0], target)
    os.environ.pop("KUBECONFIG", None)
    error = program.run(json.loads(line))
    if error:
        print(error, file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1 if error else 0)


def _receive(client: socket.socket) -> tuple[bytes, list[int]]:
    line, descriptors, _, _ = socket.recv_fds(client, 2**16, 1)
    while not line.endswith(b"\n"):
        more = client.recv(2**16)
        if not more:
            os._exit(0)
        line += more
    return line, list(descriptors)


def _kill(child: int) -> None:
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1])
