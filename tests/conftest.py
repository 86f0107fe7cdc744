"""What all tests share: a fresh control plane in a temporary directory, with the people of tests/cast.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

import fairway_catalog
from fairway.asgi import create_app
from fairway.db.crypto import load_vault
from fairway.db.database import Database
from fairway.db.migrate import migrate
from fairway.domain.context import Context
from fairway.settings import load
from tests.cast import Cast, assemble
from tests.kube.fake import FakeKubernetes, Running, running


@pytest.fixture(scope="session")
def blank_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrating takes longer than copying."""
    path = tmp_path_factory.mktemp("blank") / "fairway.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture
def database(blank_database: Path, tmp_path: Path) -> Iterator[Database]:
    (tmp_path / "fairway.db").write_bytes(blank_database.read_bytes())
    database = Database(f"sqlite:///{tmp_path / 'fairway.db'}")
    yield database
    database.close()


@pytest.fixture
def context(database: Database, tmp_path: Path) -> Context:
    settings = load({"FAIRWAY_DATA_DIR": str(tmp_path)})
    return Context(settings, database, load_vault(tmp_path), fairway_catalog.load())


@pytest.fixture
def cast(database: Database) -> Cast:
    return assemble(database)


@pytest.fixture
def app(context: Context) -> Litestar:
    return create_app(context)


@pytest.fixture
def client(app: Litestar) -> Iterator[TestClient[Litestar]]:
    with TestClient(app) as client:
        yield client


@pytest.fixture
def fake() -> Iterator[Running]:
    """A Kubernetes API that answers, without anything behind it."""
    with running() as fake:
        yield fake


@pytest.fixture
def api(fake: Running) -> FakeKubernetes:
    return fake.api
