"""A real browser on a real server, over a control plane whose runs end as if a cluster had been there."""

import threading
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page

from fairway.db.database import Database
from fairway.domain import people, signin
from fairway.domain.context import Context
from tests import applications
from tests.browser.shore import Shore, build
from tests.cast import Cast
from tests.chromium import chromium

__all__ = ["chromium"]


@pytest.fixture
def url(context: Context) -> Iterator[str]:
    config = uvicorn.Config(applications.around(context, pages=True), port=0, log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    server.force_exit = True
    thread.join()


@pytest.fixture
def shore(context: Context, cast: Cast) -> Shore:
    return build(context, cast)


@pytest.fixture
def open_page(chromium: Browser, url: str, database: Database, cast: Cast) -> Iterator[Callable[..., Page]]:
    """Opens a page as a person; a page that reports an error in its console fails the test."""
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def open_as(name: str, path: str, *, width: int = 1440, scheme: str = "light", script: bool = True) -> Page:
        with database.write() as session:
            secret = signin.open_for(session, people.named(session, name)).secret
        context = chromium.new_context(
            base_url=url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=script,
        )
        opened.append(context)
        context.add_cookies([{"name": signin.COOKIE, "value": secret, "url": url}])
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path)
        return page

    yield open_as
    for context in opened:
        context.close()
    assert not [e for e in errors if "status of 4" not in e and "Error Code 4" not in e], errors
