"""What the server's process loads, and what it leaves to others."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("imported", "absent"),
    [
        ("fairway.serving, fairway_stacks.embedded.engine", ("grpc", "pulumi", "alembic", "httpx")),
        ("fairway_stacks.embedded.monitor", ("pulumi", "opentelemetry")),
    ],
)
def test_an_idle_server_holds_no_library_that_it_does_not_use(imported: str, absent: tuple[str, ...]) -> None:
    script = f"import {imported}, sys; print(*[name for name in {absent!r} if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
