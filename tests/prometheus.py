"""A real Prometheus server, pointed at a Fairway as docs/health.md says."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.until import until

needed = pytest.mark.skipif(shutil.which("prometheus") is None, reason="needs the prometheus binary")
CONFIGURATION = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: fairway-resources
    http_sd_configs: [{{url: "http://127.0.0.1:{port}/sd/prometheus", refresh_interval: 1s}}]
  - job_name: fairway
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


@contextmanager
def running(folder: Path, fairway: int) -> Iterator[str]:
    """Its URL, once it is ready. fairway: the port that Fairway listens on."""
    (folder / "prometheus.yml").write_text(CONFIGURATION.format(port=fairway))
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    command = [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--log.level=error",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _answers(f"{url}/-/ready"), bool)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.HTTPError:
        return False
