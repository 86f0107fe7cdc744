"""Addresses: a piece of 127.0.0.0/8 for each data directory, a node, pod and service address out of it.

Every address is real on this machine, so that two sandboxes run side by side and anything can be reached directly.
A platform with one loopback address would put another class behind the same four verbs.
"""

import hashlib
import ipaddress
import itertools
import socket
from pathlib import Path

from fairway_sandbox.errors import ApiError
from fairway_sandbox.objects import Json

SIZE = 2**14
CLAIM_PORT = 10250


class Taken(Exception):
    """Another sandbox holds this data directory's addresses."""


class Addresses:
    """Nodes have the first 256 addresses of the subnet, services the rest of the first half, pods the second half."""

    def __init__(self, subnet: ipaddress.IPv4Network) -> None:
        self.subnet = subnet
        first = int(subnet.network_address)
        self._services = itertools.cycle(range(first + 256, first + SIZE // 2))
        self._pods = itertools.cycle(range(first + SIZE // 2, first + SIZE - 1))
        self._used: set[str] = set()

    def node(self, number: int) -> str:
        return str(self.subnet.network_address + 1 + number)

    def service(self) -> str:
        return self._next(self._services)

    def pod(self, wanted: str | None = None) -> str:
        """A free address for a pod: the one it had before, where it is still free."""
        if wanted and wanted not in self._used and ipaddress.ip_address(wanted) in self.subnet:
            self._used.add(wanted)
            return wanted
        return self._next(self._pods)

    def keep(self, address: str) -> None:
        self._used.add(address)

    def release(self, address: str) -> None:
        self._used.discard(address)

    def _next(self, numbers: "itertools.cycle[int]") -> str:
        for number in itertools.islice(numbers, SIZE):
            address = str(ipaddress.IPv4Address(number))
            if address.rsplit(".", 1)[1] not in ("0", "255") and address not in self._used:
                self._used.add(address)
                return address
        raise ApiError(500, "InternalError", "no free address is left in the sandbox's subnet")

    def assign(self, service: Json, old: Json | None) -> None:
        """Give a Service its clusterIP, and node ports where its type has them."""
        spec = service["spec"]
        if spec.get("type") == "ExternalName":
            return
        if not spec.get("clusterIP"):
            spec["clusterIP"] = (old or {"spec": {}})["spec"].get("clusterIP") or self.service()
        spec["clusterIPs"] = [spec["clusterIP"]]
        if spec["type"] in ("NodePort", "LoadBalancer"):
            for port in spec.get("ports") or []:
                port.setdefault("nodePort", _node_port(service["metadata"]["name"], port["port"]))


def _node_port(name: str, port: int) -> int:
    return 30000 + int.from_bytes(hashlib.sha256(f"{name}:{port}".encode()).digest()[:4]) % 2768


def claim(data: Path) -> tuple[Addresses, socket.socket]:
    """This data directory's subnet, and the socket that keeps others off it.

    The first start takes the subnet that the directory's name gives, or the next that nobody holds; later ones keep it.
    """
    kept = data / "subnet"
    if kept.exists():
        subnet = ipaddress.IPv4Network(kept.read_text().strip())
        return Addresses(subnet), _hold(subnet)
    seed = int.from_bytes(hashlib.sha256(str(data.resolve()).encode()).digest()[:4])
    for step in range(64):
        number = (seed + step * 389) % (254 * 4)
        subnet = ipaddress.IPv4Network((f"127.{1 + number // 4}.{number % 4 * 64}.0", 18))
        try:
            holder = _hold(subnet)
        except Taken:
            continue
        kept.write_text(f"{subnet}\n")
        return Addresses(subnet), holder
    raise Taken("no free subnet was found in 127.0.0.0/8")


def _hold(subnet: ipaddress.IPv4Network) -> socket.socket:
    address = str(subnet.network_address + 1)
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        holder.bind((address, CLAIM_PORT))
        holder.listen(1)
    except OSError as error:
        holder.close()
        raise Taken(f"the addresses {subnet} are in use by another sandbox ({address}:{CLAIM_PORT})") from error
    return holder
