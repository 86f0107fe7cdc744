"""One Fairway that provisions into a real cluster and into a sandbox."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.platform import Platform, healthy

pytestmark = [pytest.mark.whole, pytest.mark.timeout(240)]


@pytest.fixture
def platform(kubeconfig: Path, tmp_path: Path) -> Iterator[Platform]:
    data = tmp_path / "sandbox"
    data.mkdir()
    own = data / "kubeconfig"
    command = [sys.executable, "-m", "fairway_sandbox", "--data-dir", str(data), "--kubeconfig", str(own)]
    with subprocess.Popen([*command, "--follow-parent"], stdout=subprocess.PIPE, text=True) as sandbox:
        assert sandbox.stdout is not None and "ready" in sandbox.stdout.readline()
        platform = Platform(tmp_path / "platform")
        platform.environment["FAIRWAY_KUBECONFIG"] = f"real={kubeconfig},local={own}"
        platform.start()
        yield platform
        platform.leave()
        sandbox.terminate()


def test_each_environment_has_its_cluster(platform: Platform) -> None:
    clusters = {cluster["name"] for cluster in platform.done("env", "clusters", "-o", "json").document}
    assert clusters == {"real", "local"}
    versions = {}
    for cluster in sorted(clusters):
        environment = f"on-{cluster}"
        platform.done("env", "create", environment, "--cluster", cluster, "--chaos")
        place = {"FAIRWAY_ENV": environment}
        platform.done("create", "redis", "cache", "--plan", "dev", "--yes", **place)
        platform.environment["FAIRWAY_ENV"] = environment
        assert healthy(platform, "cache")["environment"] == environment
        killed = platform.fairway(
            "chaos", "kill", "cache", "--count", "1", "--allow-outage", "--confirm", "cache", "--yes"
        )
        assert killed.code == 0, killed
        versions[cluster] = platform.done("logs", "cache").out
        platform.done("destroy", "cache", "--confirm", "cache")
    assert "Redis" in versions["real"] and "Valkey" in versions["local"]
    assert platform.done("list", "-o", "json").document == []
