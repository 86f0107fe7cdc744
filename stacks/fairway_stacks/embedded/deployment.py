"""One operation on one stack: what was there, what the program asked for so far, and what state says meanwhile.

Calls of the program come in threads of their own; everything shared is changed under `lock`, steps run outside of it.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fairway_stacks.embedded.errors import Closing
from fairway_stacks.embedded.events import Events
from fairway_stacks.embedded.providers import Configure, Provider, Step
from fairway_stacks.port import ClusterUnreachable
from fairway_stacks.state import urns
from fairway_stacks.state.resource import Resource
from fairway_stacks.state.snapshot import Pending, Snapshot

PARALLEL = 16


@dataclass
class Deployment:
    """base: the resources as they were; done: which of them the run has dealt with; new: what stands in their place.

    seen: by URN what the program registered. save is called after every change of state, not while planning.
    """

    project: str
    stack: str
    before: Snapshot
    planning: bool
    events: Events
    save: Callable[[Snapshot], None]
    packages: Mapping[str, Configure]
    config: Mapping[str, str] = field(default_factory=dict)
    secret_keys: Sequence[str] = ()
    cancelled: threading.Event = field(default_factory=threading.Event)
    errors: list[tuple[str, str]] = field(default_factory=list)
    unreachable: ClusterUnreachable | None = None

    def __post_init__(self) -> None:
        self.base: list[Resource] = list(self.before.resources)
        self.olds = {one.urn: one for one in self.base if not one.delete}
        self.done: set[int] = set()
        self.replaced: set[int] = set()
        self.new: list[Resource] = []
        self.seen: dict[str, Resource] = {}
        self.claimed: set[str] = set()
        self.pending: list[Pending] = []
        self.renamed: dict[str, str] = {}
        self.providers: dict[str, Provider] = {}
        self.lock = threading.RLock()
        self.slots = threading.Semaphore(PARALLEL)
        self.idle = threading.Condition(self.lock)
        self.running = 0

    def snapshot(self) -> Snapshot:
        resources = [*self.new, *(one for one in self.base if id(one) not in self.done)]
        return Snapshot(self.before.box, [self._with_new_names(one) for one in resources], list(self.pending))

    def commit(self) -> None:
        if not self.planning:
            with self.lock:
                self.save(self.snapshot())

    def begin(self, kind: str, resource: Resource) -> Pending:
        """Written before the cluster is asked: a kill in between leaves a trace."""
        entry = Pending(kind, resource.copy())
        if not self.planning:
            with self.lock:
                self.pending.append(entry)
                self.commit()
        return entry

    def forget(self, entry: Pending) -> None:
        with self.lock:
            self.pending = [one for one in self.pending if one is not entry]

    def interrupted(self, urn: str, kind: str) -> Resource | None:
        """What an earlier run had begun with this resource when it was killed."""
        found = (one.resource for one in self.before.pending if one.kind == kind and one.resource.urn == urn)
        return next(found, None)

    def settle(self, old: Resource | None, new: Resource, leaving: Resource | None = None) -> None:
        """new takes the place of old; leaving is deleted at the end."""
        with self.lock:
            if leaving is not None:
                self.replaced.add(id(leaving))
                leaving.delete = not self.planning
            if old is not None:
                self.done.add(id(old))
            self.new.append(new)
            self.seen[new.urn] = new

    def fail(self, urn: str, message: str) -> None:
        with self.lock:
            self.errors.append((urn, message))
        self.events.tell(message, "error", urn)

    def lose_cluster(self, error: ClusterUnreachable, urn: str = "") -> Closing:
        self.unreachable = error
        self.fail(urn, str(error))
        return Closing("the cluster does not answer")

    def check_open(self) -> None:
        if self.errors or self.cancelled.is_set():
            raise Closing("the operation ends")

    def step(self, resource: Resource, action: str, *, adopt: bool = False, replaces: bool = False) -> Step:
        def tell(message: str, severity: str, ephemeral: bool) -> None:
            self.events.tell(message, severity, resource.urn, ephemeral)

        timeout = float(resource.custom_timeouts.get(action, 0))
        return Step(resource.urn, self.planning, tell, self.cancelled, timeout, adopt, replaces)

    def provider_of(self, resource: Resource) -> Provider:
        """Of a resource in state too: its provider is configured from what state says."""
        urn = urns.provider_urn(resource.provider)
        with self.lock:
            if urn not in self.providers:
                record = self.seen.get(urn) or self.olds[urn]
                self.providers[urn] = self.configure(record)
            return self.providers[urn]

    def configure(self, record: Resource) -> Provider:
        return self.packages[record.type.rsplit(":", 1)[-1]](record.inputs)

    def enter(self) -> None:
        with self.lock:
            self.running += 1

    def leave(self) -> None:
        with self.lock:
            self.running -= 1
            self.idle.notify_all()

    def wait_until_idle(self) -> None:
        with self.lock:
            self.idle.wait_for(lambda: self.running == 0)

    def _with_new_names(self, one: Resource) -> Resource:
        """References to a resource that was renamed by an alias."""
        if not self.renamed or not (one.needs() & self.renamed.keys()):
            return one
        fixed = one.copy()
        names = self.renamed
        fixed.parent, fixed.deleted_with = (
            names.get(one.parent, one.parent),
            names.get(one.deleted_with, one.deleted_with),
        )
        fixed.dependencies = [names.get(urn, urn) for urn in one.dependencies]
        fixed.property_dependencies = {
            key: [names.get(urn, urn) for urn in found] for key, found in one.property_dependencies.items()
        }
        return fixed
