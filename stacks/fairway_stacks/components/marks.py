"""The names and labels by which Fairway finds its objects again."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta

from fairway_stacks.components.request import Request

# What somebody set by hand (`kubectl scale`, say) becomes Fairway's again with the next update, instead of failing it.
OURS = {"pulumi.com/patchForce": "true"}
SKIP_AWAIT = {"pulumi.com/skipAwait": "true"}


def labels(request: Request) -> dict[str, str]:
    """On every object, and on its pods."""
    return {
        "app.kubernetes.io/managed-by": "fairway",
        "app.kubernetes.io/name": request.name,
        "app.kubernetes.io/part-of": request.service,
        "fairway.dev/resource": request.resource,
        "fairway.dev/offering": request.offering,
        "fairway.dev/environment": request.environment,
    }


def selector(request: Request) -> dict[str, str]:
    """What can never change: another selector would replace the workload."""
    return {"fairway.dev/resource": request.resource}


def metadata(
    request: Request, name: str | None = None, annotations: Mapping[str, str] | None = None
) -> meta.ObjectMetaArgs:
    """Without a name the object gets one of its own, so that changed contents are a new object to roll over to."""
    return meta.ObjectMetaArgs(
        name=name,
        namespace=request.namespace,
        labels=labels(request),
        annotations={**OURS, **(annotations or {})},
    )


def pod_metadata(request: Request, annotations: Mapping[str, str]) -> meta.ObjectMetaArgs:
    return meta.ObjectMetaArgs(labels=labels(request), annotations=dict(annotations) or None)


def name_of(owner: core.Secret | core.ConfigMap | core.PersistentVolumeClaim) -> pulumi.Output[str]:
    """The name that it has or was given; whoever uses it depends on it."""
    return owner.metadata.apply(lambda metadata: str(metadata.name))


def scraped(port: int, path: str = "/metrics") -> dict[str, str]:
    """The annotations by which Prometheus and Fairway's collector find a pod's metrics."""
    return {"prometheus.io/scrape": "true", "prometheus.io/port": str(port), "prometheus.io/path": path}


def under(
    parent: pulumi.Resource,
    depends_on: Sequence[pulumi.Resource] = (),
    custom_timeouts: pulumi.CustomTimeouts | None = None,
) -> pulumi.ResourceOptions:
    """Options of a part: it is shown, and goes, with its component."""
    return pulumi.ResourceOptions(parent=parent, depends_on=list(depends_on), custom_timeouts=custom_timeouts)
