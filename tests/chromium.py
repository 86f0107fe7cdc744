"""Debian's Chromium, driven by Playwright, and axe on what it shows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """For one module: while Playwright is there its event loop runs in this thread, and no other one can."""
    if not CHROMIUM.exists():
        pytest.skip("no Chromium is installed here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


def accessible(page: Page) -> None:
    """axe finds nothing, and nothing is wider than the page."""
    page.wait_for_load_state()
    found = Axe().run(page).response["violations"]
    said = [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found]
    assert not said, (page.url, said)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
