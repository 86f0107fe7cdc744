"""Logs and events on the pages of a resource, of a Kubernetes API that answers, and of one that does not."""

import asyncio
import re
from collections.abc import Callable

import pytest

from fairway.db.database import Database
from fairway.domain import observed
from fairway.domain.context import Context
from fairway.models import Resource
from fairway_ui.observed import _follow
from tests.cast import Cast
from tests.kube.fake import Running
from tests.kube.objects import pod, warning
from tests.kube.placed import place
from tests.ui.browser import Browser

Open = Callable[[str], Browser]


@pytest.fixture
def cache(database: Database, context: Context, cast: Cast, fake: Running) -> Resource:
    row = place(database, context, cast, fake, "cache", offering="redis", offering_version="1.0", plan="dev")
    for name in ("cache-0", "cache-1"):
        fake.api.put("pods", pod(name, row.id))
        fake.api.logs[name] = f"2026-11-23T13:26:49.1Z {name} says <b>hello</b>\n"
    fake.api.logs["cache-0?previous"] = "2026-11-23T13:20:00Z FATAL: no space left\n"
    return row


def test_the_lines_of_all_pods_are_shown_and_escaped(open_as: Open, cache: Resource) -> None:
    page = open_as("vera").get(f"/resources/{cache.id}/logs").text
    assert "cache-0 says &lt;b&gt;hello&lt;/b&gt;" in page and "cache-1 says" in page
    assert '<time datetime="2026-11-23T13:26:49.1Z"' in page
    assert f'sse-connect="/resources/{cache.id}/logs/stream?pod=&amp;tail=200"' in page
    assert open_as("charlie").get(f"/resources/{cache.id}/logs").status_code == 404


def test_one_pod_and_what_it_said_before_its_restart(open_as: Open, cache: Resource) -> None:
    bob = open_as("bob")
    one = bob.get(f"/resources/{cache.id}/logs?pod=cache-1").text
    assert "cache-1 says" in one and "cache-0 says" not in one
    before = bob.get(f"/resources/{cache.id}/logs?pod=cache-0&previous=yes").text
    assert "FATAL: no space left" in before and "sse-connect" not in before
    assert (
        "There are no logs of an earlier container"
        in bob.get(f"/resources/{cache.id}/logs?pod=cache-1&previous=yes").text
    )
    assert "There is no pod nobody" in bob.get(f"/resources/{cache.id}/logs?pod=nobody").text


def test_the_stream_begins_with_the_lines_that_there_are(context: Context, cast: Cast, cache: Resource) -> None:
    async def first() -> str:
        stream = _follow(observed.follow_logs(context, cast.bob, cache.id), "")
        try:
            message = await anext(stream)
        finally:
            await stream.aclose()
        return f"{message.event}: {message.data!s}"

    said = asyncio.run(first())
    assert said.startswith("first: <li>") and "cache-0 says" in said and '<b class="pod">cache-1</b>' in said


def test_a_cluster_that_does_not_answer_is_said_on_both_tabs(open_as: Open, cache: Resource, fake: Running) -> None:
    fake.stop()
    for path in ("logs", "events"):
        page = open_as("bob").get(f"/resources/{cache.id}/{path}")
        assert page.status_code == 200 and "does not answer" in page.text, page.text
    fake.start()


def test_events_of_the_cluster_are_shown_and_polled_while_unchanged(
    open_as: Open, cache: Resource, fake: Running
) -> None:
    fake.api.put("events", warning("cache-0", "BackOff", "restarting failed container"))
    bob = open_as("bob")
    page = bob.get(f"/resources/{cache.id}/events").text
    assert "restarting failed container" in page and "Pod/cache-0" in page
    (path,) = re.findall(r'hx-get="(/resources/[^"]+/events\?told=[^"]+)"', page)
    assert bob.get(path, **{"HX-Request": "true"}).status_code == 204
    fake.api.put("events", warning("cache-1", "Evicted", "was evicted"))
    assert "was evicted" in bob.get(path, **{"HX-Request": "true"}).text
