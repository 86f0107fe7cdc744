"""The clusters of the database, as clients: made when they are first asked for, made anew when their row changes."""

import threading
from pathlib import Path

from sqlmodel import Session, col, select

from fairway.db.crypto import Vault
from fairway.db.database import Database
from fairway.errors import NotFound
from fairway.kube import kubeconfig
from fairway.kube.cluster import Cluster
from fairway.kube.transport import Transport
from fairway.models import Cluster as ClusterRow
from fairway.settings import Settings

SANDBOX = "sandbox"


class Clusters:
    """Thread-safe; one client per cluster, shared."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._lock = threading.Lock()
        self._made: dict[str, tuple[str, Cluster]] = {}

    def get(self, name: str) -> Cluster:
        """By name or id. Raises NotFound."""
        row = self._row(name)
        with self._lock:
            sealed, cluster = self._made.get(row.id, ("", None))
            if cluster is None or sealed != row.kubeconfig:
                if cluster is not None:
                    cluster.close()
                cluster = Cluster(row.name, Transport(self._open(row)), row.addressing, row.sandbox)
                self._made[row.id] = (row.kubeconfig, cluster)
            return cluster

    def kubeconfig(self, name: str) -> str:
        """The clear text, for the engine alone."""
        return self._open(self._row(name))

    def close(self) -> None:
        with self._lock:
            for _, cluster in self._made.values():
                cluster.close()
            self._made.clear()

    def _row(self, name: str) -> ClusterRow:
        with self._database.read() as session:
            row = session.exec(
                select(ClusterRow).where((col(ClusterRow.name) == name) | (col(ClusterRow.id) == name))
            ).first()
        if row is None:
            raise NotFound(f"There is no cluster {name}", hint="FAIRWAY_KUBECONFIG names the clusters.")
        return row

    def _open(self, row: ClusterRow) -> str:
        return self._vault.open(row.kubeconfig, _place(row.id))


def register(session: Session, vault: Vault, settings: Settings, sandbox_kubeconfig: Path | None = None) -> None:
    """Rows for the settings' clusters and the sandbox; those that are there get today's kubeconfig."""
    for name, path in settings.kubeconfigs.items():
        _put(session, vault, name, kubeconfig.load(path), sandbox=False)
    if sandbox_kubeconfig is not None:
        _put(session, vault, SANDBOX, kubeconfig.load(sandbox_kubeconfig), sandbox=True)


def _put(session: Session, vault: Vault, name: str, text: str, *, sandbox: bool) -> None:
    row = session.exec(select(ClusterRow).where(ClusterRow.name == name)).first()
    if row is None:
        row = ClusterRow(name=name, kubeconfig="")
    elif vault.open(row.kubeconfig, _place(row.id)) == text:
        return
    row.kubeconfig = vault.seal(text, _place(row.id))
    row.sandbox, row.addressing = sandbox, "ip" if sandbox else "dns"
    session.add(row)
    session.flush()


def _place(cluster_id: str) -> str:
    return f"cluster:{cluster_id}"
