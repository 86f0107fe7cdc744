"""What a running server has at hand; made once at start and handed to whoever needs it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from fairway.db.crypto import Vault
from fairway.db.database import Database
from fairway.settings import Settings
from fairway_catalog import Catalog


def nobody_listens(run_id: str) -> None:
    """The wake-up of a server without workers: their sweep finds the run."""


@dataclass(frozen=True)
class Context:
    """wake_run and wake_preview tell this process's worker that there is work, after the commit that made it."""

    settings: Settings
    database: Database
    vault: Vault
    catalog: Catalog
    wake_run: Callable[[str], None] = field(default=nobody_listens)
    wake_preview: Callable[[str], None] = field(default=nobody_listens)
