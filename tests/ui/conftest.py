"""The pages over a fresh control plane, and browsers for the people of the cast."""

from collections.abc import Callable, Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from fairway.db.database import Database
from fairway.domain import people, signin
from fairway.domain.context import Context
from tests import applications
from tests.cast import Cast
from tests.ui.browser import Browser


@pytest.fixture
def app(context: Context) -> Litestar:
    return applications.around(context, pages=True)


@pytest.fixture
def client(app: Litestar) -> Iterator[TestClient[Litestar]]:
    with TestClient(app) as client:
        client.follow_redirects = False
        yield client


@pytest.fixture
def open_as(client: TestClient[Litestar], database: Database, cast: Cast) -> Callable[[str], Browser]:
    """Signs a person in."""

    def sign_in(name: str) -> Browser:
        with database.write() as session:
            signed_in = signin.open_for(session, people.named(session, name))
        client.cookies.clear()
        client.cookies.set(signin.COOKIE, signed_in.secret)
        return Browser(client, signed_in.csrf)

    return sign_in
