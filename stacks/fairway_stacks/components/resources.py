"""What a container may use of its node."""

from pulumi_kubernetes.core import v1 as core

from fairway_stacks.components.request import Size


def sized(size: Size) -> core.ResourceRequirementsArgs:
    """The plan's. Memory is bounded; processor time beyond the plan's is had while nobody else wants it."""
    return core.ResourceRequirementsArgs(
        requests={"cpu": size.cpu, "memory": size.memory},
        limits={"memory": size.memory},
    )


def small() -> core.ResourceRequirementsArgs:
    """A sidecar's, on top of the plan."""
    return core.ResourceRequirementsArgs(
        requests={"cpu": "10m", "memory": "32Mi"},
        limits={"memory": "64Mi"},
    )
