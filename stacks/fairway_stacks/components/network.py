"""Who may reach a server: a NetworkPolicy, enforced where the cluster's network plugin enforces policies at all."""

import pulumi
from pulumi_kubernetes.meta import v1 as meta
from pulumi_kubernetes.networking import v1 as networking

from fairway_stacks.components import marks
from fairway_stacks.components.image import Image
from fairway_stacks.components.request import Request

CONTROL_PLANE = {"fairway.dev/control-plane": "true"}
"""On the pods of a Fairway that runs in the cluster. No pod of an offering can have it."""


def policy(request: Request, image: Image, parent: pulumi.Resource) -> networking.NetworkPolicy:
    """Clients: the namespaces of the team in this environment, or all pods with `reachable_from: cluster`; and Fairway.

    Metrics are for everybody: nobody knows where a Prometheus runs. Traffic from the pod's own node is never held up,
    as Kubernetes has it, hence neither probes nor `kubectl port-forward`.
    """
    team = meta.LabelSelectorArgs(
        match_labels={
            "app.kubernetes.io/managed-by": "fairway",
            "fairway.dev/environment": request.environment,
            "fairway.dev/team": request.team,
        }
    )
    everyone, fairway = meta.LabelSelectorArgs(), meta.LabelSelectorArgs(match_labels=CONTROL_PLANE)
    clients = everyone if request.parameters.get("reachable_from") == "cluster" else team
    return networking.NetworkPolicy(
        request.name,
        metadata=marks.metadata(request, request.name),
        spec=networking.NetworkPolicySpecArgs(
            pod_selector=meta.LabelSelectorArgs(match_labels=marks.selector(request)),
            policy_types=["Ingress"],
            ingress=[
                networking.NetworkPolicyIngressRuleArgs(
                    from_=[
                        networking.NetworkPolicyPeerArgs(namespace_selector=clients),
                        networking.NetworkPolicyPeerArgs(namespace_selector=everyone, pod_selector=fairway),
                    ],
                    ports=[networking.NetworkPolicyPortArgs(protocol="TCP", port=image.port)],
                ),
                networking.NetworkPolicyIngressRuleArgs(
                    ports=[networking.NetworkPolicyPortArgs(protocol="TCP", port=image.metrics_port)],
                ),
            ],
        ),
        opts=marks.under(parent),
    )
