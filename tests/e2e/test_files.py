"""Resources as files say them: applied, compared, exported, and applied elsewhere."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from tests.e2e.platform import PATIENCE, Platform
from tests.until import until

pytestmark = [pytest.mark.whole, pytest.mark.timeout(2 * PATIENCE), pytest.mark.xdist_group("whole")]
SHOP = """
name: book
offering: deployment
parameters: {image: fairway/demo:1, replicas: 2, health_path: /healthz}
bindings: [rows]
---
name: rows
offering: postgres
plan: dev
parameters: {max_connections: 80}
"""


@pytest.fixture(scope="module")
def applied(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file, applied in dev; at the end nothing of it is left."""
    file = tmp_path_factory.mktemp("files") / "shop.yaml"
    file.write_text(SHOP)
    said = platform.done("apply", "-f", str(file), "--yes")
    assert said.out.splitlines() == [f"{platform.service}/dev/{name}  created" for name in ("book", "rows")]
    yield file
    for environment in ("dev", "staging"):
        for name in ("book", "rows"):
            platform.done("destroy", name, "-e", environment, "--confirm", name)


def kept(platform: Platform, line: str, environment: str = "dev") -> bool:
    """Whether the guest book keeps a line in its database."""
    url = platform.done("get", "book", "-e", environment, "-o", "json").document["outputs"]["url"]
    try:
        return httpx.post(f"{url}/", data={"line": line}, timeout=5).status_code == 303
    except httpx.TransportError:
        return False


def test_a_file_makes_a_deployment_that_writes_into_its_database(platform: Platform, applied: Path) -> None:
    until(lambda: kept(platform, f"at {time.time()}"))


def test_applied_once_more_nothing_happens(platform: Platform, applied: Path) -> None:
    before = platform.resource("rows")["version"]
    rows = platform.done("apply", "-f", str(applied), "--yes", "-o", "json").document
    assert [row["outcome"] for row in rows] == ["unchanged", "unchanged"]
    assert platform.resource("rows")["version"] == before
    assert platform.fairway("diff", "-f", str(applied), "--exit-code").code == 0


def test_a_changed_file_changes_what_it_says_and_nothing_else(platform: Platform, applied: Path) -> None:
    applied.write_text(SHOP.replace("replicas: 2", "replicas: 3"))
    compared = platform.fairway("diff", "-f", str(applied), "--exit-code")
    assert (compared.code, "parameters.replicas: 2 -> 3" in compared.out) == (1, True)
    said = platform.done("apply", "-f", str(applied), "--yes")
    assert said.out.splitlines() == [
        f"{platform.service}/dev/book  changed",
        f"{platform.service}/dev/rows  unchanged",
    ]
    assert platform.resource("book")["parameters"]["replicas"] == 3


def test_a_wrong_value_in_one_of_them_touches_none(platform: Platform, applied: Path, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(SHOP.replace("replicas: 2", "replicas: 4").replace("max_connections: 80", "max_connections: 1"))
    said = platform.fairway("apply", "-f", str(file), "--yes")
    assert (said.code, said.out) == (2, "")
    assert "rows: parameters.max_connections:" in said.err
    assert platform.resource("book")["parameters"]["replicas"] != 4


def test_what_is_exported_is_applied_in_another_environment(platform: Platform, applied: Path, tmp_path: Path) -> None:
    exported = platform.done("export", "book", "rows", "--portable").out
    assert {one["name"] for one in yaml.safe_load_all(exported)} == {"book", "rows"}
    file = tmp_path / "elsewhere.yaml"
    file.write_text(exported)
    said = platform.done("apply", "-f", str(file), "-e", "staging", "--yes")
    assert said.out.splitlines() == [f"{platform.service}/staging/{name}  created" for name in ("book", "rows")]
    until(lambda: kept(platform, f"at {time.time()}", "staging"))
    assert "2 unchanged" in platform.done("diff", "-f", str(file), "-e", "staging").out
