"""The command line against the real application on a real port, or against a server that a test scripts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from fairway.cli import program
from tests.cast import Cast
from tests.cli.script import Script
from tests.served import served


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        import json

        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's home with nothing in it, and no FAIRWAY_ variable."""
    for name in ("URL", "TOKEN", "SERVICE", "ENV", "PORT"):
        monkeypatch.delenv(f"FAIRWAY_{name}", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("FAIRWAY_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process: `run("service", "list")`."""

    def command(*arguments: str) -> Result:
        capsys.readouterr()
        code = program.run(arguments)
        said = capsys.readouterr()
        return Result(code, said.out, said.err)

    return command


@pytest.fixture
def platform(app: Litestar, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The real application on a port; FAIRWAY_URL and the token of Alice are set. Answers the URL."""
    with served(app) as url:
        monkeypatch.setenv("FAIRWAY_URL", url)
        monkeypatch.setenv("FAIRWAY_TOKEN", token_of(cast, "alice"))
        yield url


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """A server whose answers the test says; FAIRWAY_URL and FAIRWAY_TOKEN point to it."""
    with Script() as script:
        monkeypatch.setenv("FAIRWAY_URL", script.url)
        monkeypatch.setenv("FAIRWAY_TOKEN", "fw_script")
        yield script


def token_of(cast: Cast, name: str) -> str:
    return cast.headers[name]["Authorization"].removeprefix("Bearer ")
