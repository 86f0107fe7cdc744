"""What all tests share: a fresh control plane in a temporary directory, with the people of tests/cast.py."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from fairway.db.crypto import load_vault
from fairway.db.database import Database
from fairway.domain.context import Context
from fairway.settings import load
from tests import applications
from tests.blank import Blank, BlankPostgres, BlankSqlite
from tests.cast import Cast, assemble
from tests.kube.fake import FakeKubernetes, Running, running
from tests.postgres import Postgres
from tests.postgres import running as running_postgres


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are processors: whole platforms wait more than they compute."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """One for all tests of a process, started for the first that needs it."""
    with running_postgres(tmp_path_factory.mktemp("postgres")) as postgres:
        yield postgres


@pytest.fixture(scope="session")
def blank(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Blank:
    """On SQLite, or with FAIRWAY_TEST_DATABASE=postgres on Postgres."""
    kind = os.environ.get("FAIRWAY_TEST_DATABASE", "sqlite")
    if kind == "postgres":
        return BlankPostgres(request.getfixturevalue("postgres"))
    assert kind == "sqlite", f"FAIRWAY_TEST_DATABASE: sqlite or postgres, not {kind}"
    return BlankSqlite(tmp_path_factory.mktemp("blank"))


@pytest.fixture
def database_url(blank: Blank, tmp_path: Path) -> Iterator[str]:
    """Of a database of one's own with all tables."""
    with blank.copied(tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def context(database: Database, tmp_path: Path) -> Iterator[Context]:
    settings = load({"FAIRWAY_DATA_DIR": str(tmp_path), "FAIRWAY_DATABASE_URL": database.url})
    context = Context(settings, database, load_vault(tmp_path), applications.catalog())
    yield context
    context.close()


@pytest.fixture
def cast(database: Database) -> Cast:
    return assemble(database)


@pytest.fixture
def app(context: Context) -> Litestar:
    return applications.around(context)


@pytest.fixture
def client(app: Litestar) -> Iterator[TestClient[Litestar]]:
    with TestClient(app) as client:
        client.event_hooks = {"response": [applications.described()]}
        yield client


@pytest.fixture
def fake() -> Iterator[Running]:
    """A Kubernetes API that answers, without anything behind it."""
    with running() as fake:
        yield fake


@pytest.fixture
def api(fake: Running) -> FakeKubernetes:
    return fake.api
