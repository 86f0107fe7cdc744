"""The logs of several pods as one stream, over a fake cluster."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from fairway.domain.log_tail import LogTail
from fairway.kube import Cluster
from fairway.kube.values import RESOURCE
from tests.kube.fake import FakeKubernetes
from tests.kube.objects import pod
from tests.until import until

LABELS = f"{RESOURCE}=r1"


@pytest.fixture
def speaking(api: FakeKubernetes) -> FakeKubernetes:
    api.put("pods", pod("db-0", "r1"))
    api.logs["db-0"] = "2026-11-23T13:26:49.000001Z first\n"
    return api


def test_lines_that_share_a_time_all_come_and_none_comes_twice(speaking: FakeKubernetes, cluster: Cluster) -> None:
    tail = LogTail(cluster, "shop-dev", LABELS)
    try:
        same = "2026-11-23T13:26:50.000001Z"
        speaking.logs["db-0"] += f"{same} second\n{same} third\n"
        found = [line.text for line in tail.start()]
        found += [line.text for line in until(tail.next_lines, lambda lines: len(lines) > 0)]
        assert found == ["first", "second", "third"]
        assert tail.next_lines(wait=2.5) == []
    finally:
        tail.close()


class Silent:
    """A stream on which nothing comes until it is closed."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[str]:
        self.closed.wait()
        return iter(())

    def close(self) -> None:
        self.closed.set()


def test_a_stream_that_opens_while_the_reader_leaves_is_closed(
    speaking: FakeKubernetes, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    tail, silent = LogTail(cluster, "shop-dev", LABELS), Silent()

    def late(*place: Any, **wish: Any) -> Silent:
        tail.close()
        return silent

    monkeypatch.setattr(cluster, "logs", late)
    tail.start()
    try:
        assert silent.closed.wait(3)
    finally:
        silent.close()
