"""What the API's rooms share."""

import asyncio
from dataclasses import dataclass, field
from functools import cached_property

from fairway_sandbox.kinds import Kinds
from fairway_sandbox.kubelet.kubelet import Kubelet
from fairway_sandbox.registry import Registry
from fairway_sandbox.schema import Schema
from fairway_sandbox.store import Store
from fairway_sandbox.store.disk import Disk


@dataclass
class Rooms:
    registry: Registry
    kubelet: Kubelet
    disk: Disk
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    @cached_property
    def store(self) -> Store:
        return self.registry.store

    @cached_property
    def kinds(self) -> Kinds:
        return self.registry.kinds

    @cached_property
    def schema(self) -> Schema:
        return self.registry.schema
