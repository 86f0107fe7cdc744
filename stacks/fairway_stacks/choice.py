"""Which engine runs the programs, and where it keeps state."""

import shutil
from pathlib import Path

from fairway_stacks.port import Engine, EngineError
from fairway_stacks.state.store import Store

POSTGRES = ("postgres://", "postgresql://")


def choose(kind: str, passphrase: str, *, state_url: str = "", state_dir: Path) -> Engine:
    """kind: `embedded`, `pulumi`, or `auto`: the Pulumi CLI where there is one.

    state_url: Pulumi's address of a backend; without one state is kept in files in state_dir. Raises EngineError for a
    backend that the engine does not have.
    """
    if kind == "pulumi" or (kind == "auto" and shutil.which("pulumi")):
        from fairway_stacks.automation import PulumiEngine

        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        url = state_url.replace("postgresql://", "postgres://", 1) or f"file://{state_dir}"
        return PulumiEngine(url, passphrase)
    from fairway_stacks.embedded import EmbeddedEngine
    from fairway_stacks.state import locks

    store = _store(state_url, state_dir)
    locks.drop_dead(store)
    return EmbeddedEngine(store, passphrase)


def _store(state_url: str, state_dir: Path) -> Store:
    if state_url.startswith(POSTGRES):
        from fairway_stacks.state.table import TableStore

        return TableStore(state_url)
    if state_url and not state_url.startswith("file://"):
        raise EngineError(
            "FAIRWAY_STATE_URL: the embedded engine keeps state in files (file:///path) or in a Postgres"
            " (postgres://user:password@host/database); other backends need the Pulumi CLI on the PATH"
        )
    from fairway_stacks.state.files import FileStore

    return FileStore(Path(state_url.removeprefix("file://")) if state_url else state_dir)
