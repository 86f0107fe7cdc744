"""One stack's documents: checkpoint, lock, history and backups."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fairway_stacks.port import EngineError
from fairway_stacks.state import locks
from fairway_stacks.state.integrity import verify
from fairway_stacks.state.passphrase import Passphrase
from fairway_stacks.state.snapshot import Snapshot
from fairway_stacks.state.store import Store

META = ".pulumi/meta.yaml"
SALT = ".pulumi/fairway-salt"


class StackState:
    def __init__(self, store: Store, passphrase: str, project: str, stack: str) -> None:
        self._store, self._passphrase = store, passphrase
        self._project, self._stack = project, stack
        self._key = f".pulumi/stacks/{project}/{stack}.json"
        self._lock: locks.Lock | None = None

    @contextmanager
    def lock(self) -> Iterator[None]:
        """What is written meanwhile is refused once the lock is lost. Raises StackLocked."""
        with locks.held(self._store, f".pulumi/locks/organization/{self._project}/{self._stack}") as lock:
            self._lock = lock
            try:
                yield
            finally:
                self._lock = None

    def exists(self) -> bool:
        return self._store.read(self._key) is not None

    def load(self) -> Snapshot:
        """An empty snapshot for a stack that is not there yet."""
        data = self._store.read(self._key)
        if data is None:
            return Snapshot(Passphrase(self._passphrase, self._salt()))
        deployment = json.loads(data)["checkpoint"].get("latest")
        if deployment is None:
            return Snapshot(Passphrase(self._passphrase, self._salt()))
        return Snapshot.from_json(deployment, self._passphrase, self._salt())

    def save(self, snapshot: Snapshot) -> None:
        self._write(snapshot.to_json())

    def finished(self, snapshot: Snapshot, info: Mapping[str, Any]) -> None:
        """The last save of an operation: the state, the one before it, a history entry and a backup."""
        before = self._store.read(self._key)
        if before is not None:
            self._store.write(f"{self._key}.bak", before)
        data = self._write(snapshot.to_json())
        moment = time.time_ns()
        history = f".pulumi/history/{self._project}/{self._stack}/{self._stack}-{moment}"
        self._store.write(f"{history}.checkpoint.json", data)
        self._store.write(f"{history}.history.json", json.dumps(info, indent=4).encode())
        self._store.write(f".pulumi/backups/{self._project}/{self._stack}/{self._stack}.{moment}.json", data)

    def export(self) -> dict[str, Any]:
        return {"version": 3, "deployment": self.load().to_json()}

    def import_(self, document: Mapping[str, Any]) -> None:
        if document.get("version") != 3:
            raise EngineError(f"deployments of version {document.get('version')} are not supported")
        deployment = document["deployment"]
        verify(deployment)
        self.save(Snapshot.from_json(deployment, self._passphrase, self._salt()))

    def remove(self) -> None:
        if any(not one.type.startswith("pulumi:") for one in self.load().resources):
            raise EngineError(f"The stack {self._stack} still has resources; destroy it first")
        self._store.delete(self._key)

    def _write(self, deployment: Mapping[str, Any]) -> bytes:
        verify(deployment)
        if self._lock is not None:
            self._lock.check()
        if self._store.read(META) is None:
            self._store.write(META, b"version: 1\n")
        checkpoint = {"stack": f"organization/{self._project}/{self._stack}", "latest": deployment}
        data = json.dumps({"version": 3, "checkpoint": checkpoint}, separators=(",", ":")).encode()
        self._store.write(self._key, data)
        return data

    def _salt(self) -> str:
        """One salt per installation, so that its key is derived once."""
        data = self._store.read(SALT)
        if data is None:
            data = Passphrase(self._passphrase).salt.encode()
            self._store.write(SALT, data)
        return data.decode()
