"""The sandbox answers as the real cluster did, but for the differences that the documentation lists."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import sandboxed
from tests.mirror import golden, report
from tests.mirror.asking import asking
from tests.mirror.comparing import Agreement, compare
from tests.mirror.known import KNOWN
from tests.mirror.questions import GROUPS

pytestmark = [pytest.mark.timeout(180), pytest.mark.xdist_group("mirror")]


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Of a sandbox with one node, as the real cluster has one."""
    with sandboxed.running(tmp_path_factory.mktemp("mirror"), "--nodes", "1") as path:
        yield path


@pytest.mark.parametrize("group", GROUPS)
def test_it_agrees_but_for_what_is_known(group: str, kubeconfig: Path) -> None:
    found = agreement(group, kubeconfig)
    known = KNOWN.get(group, {})
    news = [str(difference) for difference in found.differences if difference.title not in known]
    assert not news, "differences that nobody knows of:\n" + "\n".join(news)
    assert found.differing == set(known), (
        f"it agrees now, so tests/mirror/known.py is wrong: {set(known) - found.differing}"
    )
    assert report.told()[group] == (found.agreed, found.asked), "docs/mirror.md: python -m tests.mirror report"


def agreement(group: str, kubeconfig: Path) -> Agreement:
    with asking(kubeconfig) as asker:
        GROUPS[group](asker)
    return compare(group, golden.read(group), {title: a.document() for title, a in asker.answers.items()})


def test_the_documentation_has_every_difference_with_its_reason() -> None:
    assert report.reasons() == {(group, title) for group, titles in KNOWN.items() for title in titles}
