"""Furnishes a new namespace, and empties one that ends."""

from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.objects import Json

KEY = "namespaces"
ROOT = "kube-root-ca.crt"
AGAIN = 0.5


def reconcile(hub: Hub, namespace: str | None, name: str, obj: Json | None) -> None:
    if obj is None:
        return
    if obj["metadata"].get("deletionTimestamp"):
        _empty(hub, name)
    else:
        _furnish(hub, name)


def _furnish(hub: Hub, name: str) -> None:
    if hub.store.object("serviceaccounts", name, "default") is None:
        hub.registry.make("serviceaccounts", name, {"metadata": {"name": "default"}})
    if hub.store.object("configmaps", name, ROOT) is None:
        root = (hub.data / "ca.crt").read_text() if (hub.data / "ca.crt").exists() else ""
        hub.registry.make("configmaps", name, {"metadata": {"name": ROOT}, "data": {"ca.crt": root}})


def _empty(hub: Hub, name: str) -> None:
    left = 0
    for kind in list(hub.registry.kinds.stored.values()):
        if kind.namespaced:
            for entry in hub.store.every(kind.key, name):
                if not entry.obj["metadata"].get("deletionTimestamp"):
                    hub.delete(kind.key, entry.obj)
            left += len(hub.store.every(kind.key, name))
    if left:
        hub.enqueue(KEY, None, name, AGAIN)
    else:
        hub.store.remove(KEY, None, name)
