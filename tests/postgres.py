"""A real Postgres for tests, out of the wheel: databases are made from a template in milliseconds."""

import os
import signal
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from fairway_sandbox.recipes.databases import postgres_programs
from fairway_sandbox.recipes.recipe import LAUNCH
from tests.until import until

ADDRESS = "127.0.0.1"
PASSWORD = "of-the-tests"
HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300")


class Postgres:
    """Listens on a port of its own as long as `running` lasts."""

    def __init__(self, port: int) -> None:
        self._port = port

    def url(self, database: str) -> str:
        """`postgres://...`"""
        return f"postgres://fairway:{PASSWORD}@{ADDRESS}:{self._port}/{database}"

    def create(self, template: str = "template0") -> str:
        """The name of a new database. Nobody may be connected to the template."""
        name = f"t{uuid.uuid4().hex}"
        self._say(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        self._say(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _say(self, statement: str) -> None:
        with psycopg.connect(self.url("fairway"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running(folder: Path) -> Iterator[Postgres]:
    programs, scratch = postgres_programs("18"), folder / "tmp"
    scratch.mkdir()
    with socket.create_server((ADDRESS, 0)) as probe:
        port = int(probe.getsockname()[1])
    asked = {"POSTGRES_USER": "fairway", "POSTGRES_DB": "fairway", "POSTGRES_PASSWORD": PASSWORD}
    places = {"PGDATA": str(folder / "data"), "POSTGRES_BIN": str(programs), "TMPDIR": str(scratch), "POD_IP": ADDRESS}
    command = [*LAUNCH, "postgres", "-p", str(port), *(word for one in HASTY for word in ("-c", one))]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, env={**os.environ, **asked, **places}, stdout=log, stderr=log)
    with server:
        postgres = Postgres(port)
        until(lambda: server.poll() is not None or _answers(postgres.url("fairway")), bool, 30)
        assert server.poll() is None, (folder / "log").read_text()
        yield postgres
        server.send_signal(signal.SIGINT)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
