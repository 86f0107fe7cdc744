"""The main job as a person does it: every step in a browser, on a platform that was just started."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.chromium import chromium
from tests.e2e.platform import Platform

__all__ = ["chromium"]

pytestmark = [
    pytest.mark.whole,
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("whole"),
]
SLOW = 60_000
WIDE = ViewportSize(width=1440, height=900)
NARROW = ViewportSize(width=390, height=844)


@dataclass
class Visit:
    """One person's browser. errors: what its console and its pages complained about."""

    page: Page
    url: str
    errors: list[str]

    def go(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page

    def press(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("button", name=name).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def ended(self, state: str) -> None:
        """Waits on the page of a run until it says so by itself."""
        expect(self.page.locator("#ladder")).to_contain_text(state, timeout=SLOW)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(tmp_path_factory.mktemp("browsed"))
    platform.start()
    yield platform
    platform.end()


def visit(chromium: Browser, platform: Platform, path: str) -> Visit:
    page = chromium.new_context(viewport=WIDE).new_page()
    found = Visit(page, platform.url, [])
    page.on("console", lambda message: found.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    page.goto(path)
    return found


@pytest.fixture(scope="module")
def ada(chromium: Browser, platform: Platform) -> Iterator[Visit]:
    """Came by the link that the start printed."""
    found = visit(chromium, platform, platform.link)
    yield found
    found.page.context.close()
    assert not found.errors
