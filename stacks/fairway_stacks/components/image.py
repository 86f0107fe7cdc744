"""How a server's image is run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fairway_stacks.components.exporter import Exporter
from fairway_stacks.components.probes import Check


@dataclass(frozen=True)
class Image:
    """What is particular about one server.

    ports by name, the clients' first: the only one with an address outside the pod. A server that offers metrics by
    itself has a port `metrics` and no exporter. user: who owns the volume.
    secrets: variable -> key of the credential. data_path: where the volume is. credential_path: a folder that gets
    the credential's keys as files. scratch: folders that must be writable. preparation: a shell script that runs on
    the volume before the server starts.
    """

    reference: str
    user: int
    ports: Mapping[str, int]
    data_path: str
    args: Sequence[str]
    ready: Check
    exporter: Exporter | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    credential_path: str = ""
    scratch: Sequence[str] = ()
    shared_memory: bool = False
    preparation: str = ""

    @property
    def protocol(self) -> str:
        return next(iter(self.ports))

    @property
    def port(self) -> int:
        return self.ports[self.protocol]

    @property
    def metrics_port(self) -> int:
        return self.exporter.port if self.exporter else self.ports["metrics"]
