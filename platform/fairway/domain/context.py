"""What a running server has at hand; made once at start and handed to whoever needs it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from fairway.db.crypto import Vault
from fairway.db.database import Database
from fairway.domain.open_tunnels import Tunnels
from fairway.health import Histories, open_history
from fairway.kube import Clusters
from fairway.settings import Settings
from fairway_catalog import Catalog


def nobody_listens(identity: str) -> None:
    """The wake-up of a server without workers: their sweep finds the work."""


@dataclass(frozen=True)
class Context:
    """wake_run, wake_preview and wake_trial tell this process's worker that there is work, after the commit that made
    it; they are called with the row's id, must not block, and may be called more than once."""

    settings: Settings
    database: Database
    vault: Vault
    catalog: Catalog
    wake_run: Callable[[str], None] = field(default=nobody_listens)
    wake_preview: Callable[[str], None] = field(default=nobody_listens)
    wake_trial: Callable[[str], None] = field(default=nobody_listens)
    tunnels: Tunnels = field(default_factory=Tunnels)

    @cached_property
    def clusters(self) -> Clusters:
        """Clients for the clusters of the database."""
        return Clusters(self.database, self.vault)

    @cached_property
    def history(self) -> Histories:
        """Where charts come from."""
        return open_history(self.settings)

    def close(self) -> None:
        """Ends what was opened on first use; the database belongs to whoever opened it."""
        if "history" in vars(self):
            self.history.close()
