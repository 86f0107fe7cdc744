"""The namespace of a service in an environment."""

from fairway_stacks.programs.namespace import main
from tests.programs.stage import perform

WANTED = {"namespace": "shop-dev", "service": "shop", "environment": "dev", "team": "checkout"}


def test_a_namespace_tells_whose_it_is_and_refuses_privileged_pods() -> None:
    show = perform(f"{main.__module__}:main", WANTED)
    assert show.kinds() == ["Namespace"]
    assert show.only("Namespace")["metadata"] == {
        "name": "shop-dev",
        "labels": {
            "app.kubernetes.io/managed-by": "fairway",
            "app.kubernetes.io/part-of": "shop",
            "fairway.dev/environment": "dev",
            "fairway.dev/team": "checkout",
            "pod-security.kubernetes.io/enforce": "baseline",
            "pod-security.kubernetes.io/warn": "restricted",
        },
    }
    assert show.outputs == {"namespace": "shop-dev"}
