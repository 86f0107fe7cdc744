"""Defaults of Services and NetworkPolicies."""

from fairway_sandbox.admission.pods import default
from fairway_sandbox.objects import Json

OUTSIDE = ("NodePort", "LoadBalancer")


def service(obj: Json, old: Json | None) -> None:
    spec = obj["spec"]
    default(spec, "sessionAffinity", "None")
    if default(spec, "type", "ClusterIP") != "ExternalName":
        fields: Json = {"internalTrafficPolicy": "Cluster"}
        fields |= {"externalTrafficPolicy": "Cluster"} if spec["type"] in OUTSIDE else {}
        fields |= {"allocateLoadBalancerNodePorts": True} if spec["type"] == "LoadBalancer" else {}
        for name, value in fields.items():
            default(spec, name, value)
    if spec["sessionAffinity"] == "ClientIP":
        default(spec, "sessionAffinityConfig", {"clientIP": {"timeoutSeconds": 10800}})
    for port in spec.get("ports") or []:
        default(port, "protocol", "TCP")
        default(port, "targetPort", port.get("port"))


def network_policy(obj: Json, old: Json | None) -> None:
    spec = obj["spec"]
    for rule in [*(spec.get("ingress") or []), *(spec.get("egress") or [])]:
        for port in rule.get("ports") or []:
            default(port, "protocol", "TCP")
    default(spec, "podSelector", {})
    default(spec, "policyTypes", ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])
