"""A Postgres that is killed while it makes its database."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from fairway_sandbox.recipes.databases import postgres_programs
from fairway_sandbox.recipes.recipe import LAUNCH

ADDRESS = "127.201.7.9"


class Data:
    """A pod's volume, and its container's process."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.scratch = folder / "pgdata", folder / "tmp"
        self.scratch.mkdir()

    def environment(self) -> dict[str, str]:
        programs = postgres_programs("18")
        asked = {"POSTGRES_USER": "app", "POSTGRES_DB": "ledger", "POSTGRES_PASSWORD": "secret"}
        places = {"PGDATA": str(self.folder), "POSTGRES_BIN": str(programs), "TMPDIR": str(self.scratch)}
        return {**asked, **places, "POD_IP": ADDRESS, "PATH": f"{programs}:{os.environ['PATH']}"}

    @contextmanager
    def server(self) -> Iterator[subprocess.Popen[str]]:
        command = (*LAUNCH, "postgres", "-c", "fsync=off")
        pipe, errors = subprocess.PIPE, subprocess.STDOUT
        started = subprocess.Popen(command, env=self.environment(), stdout=pipe, stderr=errors, text=True)
        with started:
            yield started
            started.kill()


def rows() -> list[tuple[str]]:
    address = f"postgresql://app:secret@{ADDRESS}:5432/ledger"
    with psycopg.connect(address, connect_timeout=3) as connection:
        return connection.execute("select datname::text from pg_database where datname = 'ledger'").fetchall()


def wait_for(server: subprocess.Popen[str], words: str) -> list[str]:
    """The lines up to the one that has the words."""
    assert server.stdout is not None
    lines = []
    for line in server.stdout:
        lines.append(line)
        if re.search(words, line):
            return lines
    raise AssertionError("".join(lines))


def test_a_kill_at_any_instant_leaves_no_half_made_database(tmp_path: Path) -> None:
    """Killed once at each line of initdb, later every few milliseconds until the server runs."""
    data = Data(tmp_path)
    for words in ("creating subdirectories", "running bootstrap", "post-bootstrap", "ok$", "Success"):
        with data.server() as server:
            wait_for(server, words)
    for milliseconds in range(0, 400, 40):
        with data.server() as server:
            wait_for(server, "Success|Skipping initialization")
            time.sleep(milliseconds / 1000)
    with data.server() as server:
        wait_for(server, "ready to accept connections")
        assert rows() == [("ledger",)]
    assert not [entry.name for entry in data.folder.iterdir() if entry.name.startswith("fairway-")]


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.folder.mkdir()
    (data.folder / "letters.txt").write_text("mine")
    with data.server() as server:
        said, _ = server.communicate(timeout=20)
        assert server.returncode == 1
    assert "exists but is not empty: it holds letters.txt" in said
    assert (data.folder / "letters.txt").read_text() == "mine"
