"""References of images, written out."""

import pytest

from fairway_sandbox.kubelet import images


@pytest.mark.parametrize(
    ("given", "full"),
    [
        ("busybox", "docker.io/library/busybox:latest"),
        ("postgres:18", "docker.io/library/postgres:18"),
        ("fairway/demo:1", "docker.io/fairway/demo:1"),
        ("registry.example/a/b", "registry.example/a/b:latest"),
        ("localhost:5000/a:2", "localhost:5000/a:2"),
        ("localhost/a@sha256:00", "localhost/a@sha256:00"),
    ],
)
def test_a_reference_is_written_out_as_a_runtime_does(given: str, full: str) -> None:
    assert images.full(given) == full
