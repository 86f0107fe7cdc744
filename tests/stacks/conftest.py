"""The embedded engine on a real sandbox, with state in a folder."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from fairway_stacks.embedded import EmbeddedEngine
from fairway_stacks.port import Result, Stack
from fairway_stacks.state.files import FileStore
from tests.sandbox.conftest import Sandbox, sandbox

__all__ = ["sandbox"]
PASSPHRASE = "a passphrase for tests"
PASSWORD = 's3cret/of the "stack"'
Wish = dict[str, Any]


class Bench:
    """One stack in a namespace of its own; `wish` says what its program asks for."""

    def __init__(self, sandbox: Sandbox, engine: EmbeddedEngine, store: FileStore, namespace: str) -> None:
        self.sandbox, self.namespace = sandbox, sandbox.namespace(namespace)
        self.engine, self.store = engine, store
        kubeconfig = sandbox.kubeconfig.read_text()
        secrets = {"fairway:password": PASSWORD}
        self.stack = Stack("bench", namespace, "tests.stacks.programs:main", {}, secrets, kubeconfig)
        self.events: list[Any] = []

    def wish(self, *wishes: Wish) -> Stack:
        self.stack = replace(self.stack, config={"fairway:wish": json.dumps(wishes)})
        return self.stack

    def up(self, *wishes: Wish) -> Result:
        return self.engine.up(self.wish(*wishes), on_event=self.events.append)

    def preview(self, *wishes: Wish) -> Result:
        return self.engine.preview(self.wish(*wishes), on_event=self.events.append)

    def config_map(self, name: str, value: str = "1", fixed: bool = True, **more: Any) -> Wish:
        metadata = {"namespace": self.namespace, **({"name": name} if fixed else {})}
        return {"kind": "ConfigMap", "name": name, "metadata": metadata, "data": {"a": value}, **more}

    def path(self, name: str) -> str:
        return f"/api/v1/namespaces/{self.namespace}/configmaps/{name}"

    def config_maps(self) -> dict[str, str]:
        """Name -> the value of `a`; as the cluster has them."""
        found = self.sandbox.get(f"/api/v1/namespaces/{self.namespace}/configmaps")["items"]
        return {one["metadata"]["name"]: one["data"]["a"] for one in found if "a" in one.get("data", {})}

    def apply(self, name: str, value: str) -> httpx.Response:
        """Somebody else's hand."""
        metadata = {"name": name, "namespace": self.namespace}
        obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": value}}
        return self.sandbox.apply(self.path(name), obj, force=True).raise_for_status()

    def resources(self) -> list[dict[str, Any]]:
        """State's, without the stack itself and providers."""
        found = self.engine.export(self.stack)["deployment"].get("resources", [])
        return [one for one in found if not one["type"].startswith("pulumi:")]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> FileStore:
    return FileStore(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def engine(store: FileStore) -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine(store, PASSPHRASE)
    yield engine
    engine.close()


@pytest.fixture
def bench(sandbox: Sandbox, engine: EmbeddedEngine, store: FileStore, request: pytest.FixtureRequest) -> Bench:
    return Bench(sandbox, engine, store, f"bench-{zlib.crc32(request.node.name.encode()):08x}")
