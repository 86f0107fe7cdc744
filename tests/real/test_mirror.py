"""The golden answers are those that this cluster gives."""

from pathlib import Path

import pytest

from tests.mirror import golden
from tests.mirror.asking import asking
from tests.mirror.comparing import compare
from tests.mirror.questions import GROUPS

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("group", GROUPS)
def test_the_golden_answers_are_this_cluster_s(group: str, kubeconfig: Path) -> None:
    with asking(kubeconfig) as asker:
        if asker.get("/version")["gitVersion"] != golden.version():
            pytest.skip(f"the golden answers are those of {golden.version()}")
        GROUPS[group](asker)
    answers = {title: answer.document() for title, answer in asker.answers.items()}
    found = compare(group, golden.read(group), answers)
    assert not found.differences, "\n".join(map(str, found.differences))
