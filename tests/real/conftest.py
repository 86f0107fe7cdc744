"""What needs a real cluster runs where one is given, and says so where none is."""

import os
from pathlib import Path

import pytest

GIVEN = os.environ.get("FAIRWAY_TEST_KUBECONFIG", "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here runs one after the other: it shares one node."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("real"))
            if not GIVEN:
                item.add_marker(
                    pytest.mark.skip(reason="needs a real cluster: `make real`, or FAIRWAY_TEST_KUBECONFIG")
                )


@pytest.fixture(scope="session")
def kubeconfig() -> Path:
    return Path(GIVEN)
