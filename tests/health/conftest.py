"""A fake cluster for the collector."""

from tests.kube.conftest import api, fake

__all__ = ["api", "fake"]
