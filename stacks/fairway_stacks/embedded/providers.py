"""What the engine asks of a provider of resources."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Protocol

from fairway_stacks.embedded.diffs import Diff
from fairway_stacks.state.resource import Resource
from fairway_stacks.state.values import Properties


@dataclass(frozen=True)
class Step:
    """One call of a provider. tell(message, severity, ephemeral): what a person may read while it goes on.

    adopt: an interrupted run may have made the object already. replaces: the name is still taken by what goes first.
    """

    urn: str
    planning: bool
    tell: Callable[[str, str, bool], None]
    cancelled: Event
    timeout: float = 0
    adopt: bool = False
    replaces: bool = False


@dataclass(frozen=True)
class Applied:
    id: str
    outputs: Properties = field(repr=False)
    inputs: Properties = field(default_factory=dict, repr=False)


class Provider(Protocol):
    """Blocking, thread-safe. Raises StepFailed, Unhealthy and ClusterUnreachable."""

    def check(self, urn: str, olds: Properties, news: Properties) -> tuple[Properties, list[str]]:
        """The inputs with defaults filled in, and what is wrong with them."""
        ...

    def diff(self, old: Resource, news: Properties) -> Diff: ...
    def create(self, step: Step, inputs: Properties) -> Applied: ...
    def update(self, step: Step, old: Resource, inputs: Properties) -> Applied: ...
    def read(self, step: Step, type_: str, id_: str, known: Resource | None) -> Applied | None:
        """None when it is gone."""
        ...

    def delete(self, step: Step, old: Resource) -> None: ...


Configure = Callable[[Mapping[str, Any]], Provider]
