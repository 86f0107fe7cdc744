"""What NetworkPolicies say of a connection between two pods.

After https://kubernetes.io/docs/concepts/services-networking/network-policies/: policies add up, and a pod that none
selects is open. Connections of the node itself are never held up; whoever is no pod counts as the node here.
"""

import ipaddress
from collections.abc import Iterator

from fairway_sandbox.objects import Json, dig
from fairway_sandbox.selectors import of_object, selects
from fairway_sandbox.store import Store


class Policies:
    def __init__(self, store: Store) -> None:
        self._store = store

    def concern(self, target: Json) -> bool:
        """Whether any policy could hold up a connection to this pod: its own, or somebody's egress."""
        return any(True for _ in self._of(target, "Ingress")) or any(
            "Egress" in policy["spec"]["policyTypes"] for policy in self._all()
        )

    def allow(self, caller: Json, target: Json, port: int) -> bool:
        """caller, target: pods. port: the number on the target's side, TCP."""
        return self._open(caller, target, "Egress", caller, target, port) and self._open(
            target, caller, "Ingress", caller, target, port
        )

    def _open(self, own: Json, other: Json, direction: str, caller: Json, target: Json, port: int) -> bool:
        found = list(self._of(own, direction))
        peers = "to" if direction == "Egress" else "from"
        return not found or any(
            self._is_peer(other, rule.get(peers), policy["metadata"]["namespace"])
            and _has_port(target, port, rule.get("ports"))
            for policy in found
            for rule in policy["spec"].get(direction.lower()) or []
        )

    def _of(self, pod: Json, direction: str) -> Iterator[Json]:
        for policy in self._all():
            spec = policy["spec"]
            if (
                policy["metadata"]["namespace"] == pod["metadata"]["namespace"]
                and direction in spec["policyTypes"]
                and selects(of_object(spec["podSelector"]), pod["metadata"].get("labels"))
            ):
                yield policy

    def _all(self) -> Iterator[Json]:
        return (entry.obj for entry in self._store.every("networkpolicies.networking.k8s.io"))

    def _is_peer(self, pod: Json, peers: list[Json] | None, home: str) -> bool:
        """No list, or an empty one, is everybody."""
        return not peers or any(self._is(pod, peer, home) for peer in peers)

    def _is(self, pod: Json, peer: Json, home: str) -> bool:
        if "ipBlock" in peer:
            return _within(dig(pod, "status.podIP", ""), peer["ipBlock"])
        namespace = pod["metadata"]["namespace"]
        if "namespaceSelector" in peer:
            there = self._store.object("namespaces", None, namespace) or {"metadata": {}}
            if not selects(of_object(peer["namespaceSelector"]), there["metadata"].get("labels")):
                return False
        elif namespace != home:
            return False
        return "podSelector" not in peer or selects(of_object(peer["podSelector"]), pod["metadata"].get("labels"))


def _within(address: str, block: Json) -> bool:
    if not address:
        return False
    ip = ipaddress.ip_address(address)
    return ip in ipaddress.ip_network(block["cidr"]) and not any(
        ip in ipaddress.ip_network(but) for but in block.get("except") or []
    )


def _has_port(target: Json, port: int, ports: list[Json] | None) -> bool:
    if not ports:
        return True
    named = {p.get("name"): p["containerPort"] for c in target["spec"]["containers"] for p in c.get("ports") or []}
    for one in ports:
        first = one.get("port")
        number = named.get(first) if isinstance(first, str) else first
        if one.get("protocol", "TCP") == "TCP" and (
            first is None or (number is not None and number <= port <= one.get("endPort", number))
        ):
            return True
    return False
