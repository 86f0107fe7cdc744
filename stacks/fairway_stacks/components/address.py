"""The Service in front of a workload, and the address that clients are given."""

import pulumi
from pulumi_kubernetes.core import v1 as core

from fairway_stacks.components import marks
from fairway_stacks.components.request import Request


def service(request: Request, protocol: str, port: int, parent: pulumi.Resource) -> core.Service:
    """Nobody waits for it: the workload behind it is what must become ready."""
    return core.Service(
        request.name,
        metadata=marks.metadata(request, request.name, marks.SKIP_AWAIT),
        spec=core.ServiceSpecArgs(
            type="ClusterIP",
            selector=marks.selector(request),
            ports=[core.ServicePortArgs(name=protocol, port=port, target_port=port)],
        ),
        opts=marks.under(parent),
    )


def host(request: Request, service: core.Service) -> pulumi.Output[str]:
    if request.addressing == "ip":
        return service.spec.apply(lambda spec: str(spec.cluster_ip or ""))
    return pulumi.Output.from_input(f"{request.name}.{request.namespace}.svc")
