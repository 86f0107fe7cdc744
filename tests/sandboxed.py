"""A sandbox by itself, as a process that ends with its user."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Path]:
    """Its kubeconfig, once it is ready."""
    kubeconfig = folder / "kubeconfig"
    command = [sys.executable, "-m", "fairway_sandbox", "--data-dir", str(folder), "--kubeconfig", str(kubeconfig)]
    with subprocess.Popen([*command, "--follow-parent", *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and "ready" in process.stdout.readline()
        try:
            yield kubeconfig
        finally:
            process.terminate()
