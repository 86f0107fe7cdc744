"""One Fairway that provisions into a real cluster and into a sandbox."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import sandboxed
from tests.e2e.platform import Platform, healthy

pytestmark = [pytest.mark.whole, pytest.mark.timeout(240)]


@pytest.fixture
def platform(kubeconfig: Path, tmp_path: Path) -> Iterator[Platform]:
    (tmp_path / "sandbox").mkdir()
    with sandboxed.running(tmp_path / "sandbox") as own:
        platform = Platform(tmp_path / "platform")
        platform.environment["FAIRWAY_KUBECONFIG"] = f"real={kubeconfig},local={own}"
        platform.start()
        yield platform
        platform.leave()


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
