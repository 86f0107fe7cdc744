"""Columns of the ways to pods."""

from fairway_sandbox.objects import Json, dig
from fairway_sandbox.tables import cells
from fairway_sandbox.tables.column import AGE, NAME, SELECTOR, Column, Columns, at

SHOWN = 3


def ports(service: Json) -> str:
    found = dig(service, "spec.ports", [])
    each = [
        f"{p['port']}{':' + str(p['nodePort']) if p.get('nodePort') else ''}/{p.get('protocol', 'TCP')}" for p in found
    ]
    return ",".join(each) or "<none>"


def external(service: Json) -> str:
    kind, own = dig(service, "spec.type"), dig(service, "spec.externalIPs", [])
    if kind == "ExternalName":
        return str(dig(service, "spec.externalName", ""))
    if kind == "LoadBalancer":
        given = [i.get("ip") or i.get("hostname") for i in dig(service, "status.loadBalancer.ingress", [])]
        return ",".join([*given, *own]) or "<pending>"
    return ",".join(own) or "<none>"


def endpoints(obj: Json) -> str:
    found = [
        f"{address['ip']}:{port['port']}"
        for subset in obj.get("subsets") or []
        for port in subset.get("ports") or []
        for address in subset.get("addresses") or []
    ]
    return _some(found, "<none>", " + {} more...")


def _some(found: list[str], none: str, more: str) -> str:
    return ",".join(found[:SHOWN]) + (more.format(len(found) - SHOWN) if len(found) > SHOWN else "") or none


def slice_ports(obj: Json) -> str:
    return _some([str(p.get("port")) for p in obj.get("ports") or []], "<unset>", " + {} more...")


def slice_endpoints(obj: Json) -> str:
    return _some([a for e in obj.get("endpoints") or [] for a in e["addresses"]], "<unset>", " + {} more...")


def hosts(ingress: Json) -> str:
    return _some([r["host"] for r in dig(ingress, "spec.rules", []) if r.get("host")], "*", " + {} more...")


def address(ingress: Json) -> str:
    return ",".join(i.get("ip") or i.get("hostname") for i in dig(ingress, "status.loadBalancer.ingress", []))


COLUMNS: dict[str, Columns] = {
    "Service": (
        *(NAME, at("Type", "spec.type"), at("Cluster-IP", "spec.clusterIP", "<none>")),
        *(Column("External-IP", external), Column("Port(s)", ports), AGE, SELECTOR),
    ),
    "Endpoints": (NAME, Column("Endpoints", endpoints), AGE),
    "EndpointSlice": (
        *(NAME, at("AddressType", "addressType"), Column("Ports", slice_ports)),
        *(Column("Endpoints", slice_endpoints), AGE),
    ),
    "Ingress": (
        *(NAME, at("Class", "spec.ingressClassName", "<none>"), Column("Hosts", hosts), Column("Address", address)),
        *(Column("Ports", lambda o: "80, 443" if dig(o, "spec.tls") else "80"), AGE),
    ),
    "NetworkPolicy": (
        *(NAME, Column("Pod-Selector", lambda o: cells.pairs(dig(o, "spec.podSelector.matchLabels", {}))), AGE),
    ),
}
