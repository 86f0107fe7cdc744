"""A fake cluster and a client for it."""

from collections.abc import Iterator

import pytest

from fairway.kube import Cluster
from fairway.kube.transport import Transport
from tests.kube.fake import Running


@pytest.fixture
def cluster(fake: Running) -> Iterator[Cluster]:
    cluster = Cluster("fake", Transport(fake.kubeconfig))
    yield cluster
    cluster.close()
