"""Whether what was applied works."""

from dataclasses import dataclass
from typing import Protocol

from fairway.models import Run


class Readiness(Protocol):
    """patience: how long, in seconds, the cluster may take until it works. missing(run) blocks: what is not there yet,
    None when everything is."""

    @property
    def patience(self) -> float: ...

    def missing(self, run: Run) -> str | None: ...


@dataclass(frozen=True)
class TrustTheEngine:
    """Where nobody watches the cluster: the engine has awaited what it applied."""

    patience: float = 0.0

    def missing(self, run: Run) -> str | None:
        return None
