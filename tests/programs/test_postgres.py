"""PostgreSQL's own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from fairway_stacks.programs.postgres import SET_PASSWORD
from tests.programs.stage import stage


@pytest.mark.parametrize("version", ["18", "16"])
def test_the_version_is_the_images(version: str) -> None:
    assert stage("postgres", parameters={"version": version}).container()["image"] == f"postgres:{version}"


def test_the_database_is_made_and_watched_and_handed_over() -> None:
    show = stage("postgres", parameters={"database": "ledger"})
    assert show.variables()["POSTGRES_DB"] == "ledger"
    assert show.outputs["database"] == "ledger"
    assert show.only("Secret")["stringData"]["database"] == "ledger"
    uri = next(v["value"] for v in show.container("exporter")["env"] if v["name"] == "DATA_SOURCE_URI")
    assert uri == "localhost:5432/ledger?sslmode=disable"


def test_connections_and_memory_become_settings() -> None:
    show = stage("postgres", plan="small", parameters={"max_connections": 120})
    assert show.container()["args"] == ["-c", "max_connections=120", "-c", "shared_buffers=256MB"]


def test_a_size_of_ones_own_is_the_volumes() -> None:
    claim = stage("postgres", size={"storage": "20Gi"}).only("PersistentVolumeClaim")
    assert claim["spec"]["resources"]["requests"] == {"storage": "20Gi"}


def test_the_data_are_in_a_folder_of_the_volume_that_the_image_did_not_make() -> None:
    show = stage("postgres")
    assert show.variables()["PGDATA"] == "/var/lib/postgresql/data/pgdata"
    assert {"name": "data", "mountPath": "/var/lib/postgresql/data"} in show.container()["volumeMounts"]


def test_the_preparation_knows_which_credential_it_sets() -> None:
    show = stage("postgres")
    prepare = show.container("prepare")
    assert prepare["command"] == ["sh", "-c", SET_PASSWORD]
    told = {v["name"]: v.get("value") for v in prepare["env"]}
    assert told["CREDENTIAL"] == show.only("Secret")["metadata"]["name"]


class Recording:
    """The preparation, run by a real shell with a `postgres` that writes down what it is told."""

    def __init__(self, folder: Path) -> None:
        self.data, self.told = folder / "pgdata", folder / "told"
        self.data.mkdir()
        self.bin = folder / "bin"
        self.bin.mkdir()
        (self.bin / "postgres").write_text(f'#!/bin/sh\ncat >> "{self.told}"\n')
        (self.bin / "postgres").chmod(0o755)

    def prepare(self, credential: str, password: str) -> str:
        env = {
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "PGDATA": str(self.data),
            "POSTGRES_USER": "app",
            "POSTGRES_PASSWORD": password,
            "CREDENTIAL": credential,
        }
        shell = shutil.which("sh")
        assert shell
        subprocess.run([shell, "-c", SET_PASSWORD], env=env, check=True, capture_output=True)
        return self.told.read_text() if self.told.exists() else ""


def test_a_new_volume_is_left_to_the_image(tmp_path: Path) -> None:
    assert Recording(tmp_path).prepare("orders-credential-1", "one") == ""


def test_another_credential_is_set_before_the_server_starts_and_only_once(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.prepare("orders-credential-1", "one")
    (recording.data / "PG_VERSION").write_text("18")
    assert recording.prepare("orders-credential-1", "one") == ""
    assert recording.prepare("orders-credential-2", "two") == "ALTER ROLE \"app\" PASSWORD 'two'\n"
    assert recording.prepare("orders-credential-2", "two") == "ALTER ROLE \"app\" PASSWORD 'two'\n"


def test_a_password_with_quotes_is_quoted(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    (recording.data / "PG_VERSION").write_text("18")
    assert recording.prepare("c", "it's\\%s") == "ALTER ROLE \"app\" PASSWORD 'it''s\\%s'\n"
