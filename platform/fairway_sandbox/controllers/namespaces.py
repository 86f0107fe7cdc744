"""Furnishes a new namespace, and empties one that ends."""

from collections import Counter

from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.objects import Json, with_condition

KEY = "namespaces"
ROOT = "kube-root-ca.crt"
AGAIN = 0.5
# What the sandbox always manages when it empties a namespace, in the words of a real cluster.
MANAGED = (
    ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    ("NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
    (
        "NamespaceDeletionContentFailure",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
)


def reconcile(hub: Hub, namespace: str | None, name: str, obj: Json | None) -> None:
    if obj is None:
        return
    if obj["metadata"].get("deletionTimestamp"):
        _empty(hub, name, obj)
    else:
        _furnish(hub, name)


def _furnish(hub: Hub, name: str) -> None:
    if hub.store.object("serviceaccounts", name, "default") is None:
        hub.registry.make("serviceaccounts", name, {"metadata": {"name": "default"}})
    if hub.store.object("configmaps", name, ROOT) is None:
        root = (hub.data / "ca.crt").read_text() if (hub.data / "ca.crt").exists() else ""
        hub.registry.make("configmaps", name, {"metadata": {"name": ROOT}, "data": {"ca.crt": root}})


def _empty(hub: Hub, name: str, obj: Json) -> None:
    left: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for kind in list(hub.registry.kinds.stored.values()):
        if not kind.namespaced:
            continue
        for entry in hub.store.every(kind.key, name):
            if not entry.obj["metadata"].get("deletionTimestamp"):
                hub.delete(kind.key, entry.obj)
        remaining = hub.store.every(kind.key, name)
        if remaining:
            left[f"{kind.plural}.{kind.group}"] = len(remaining)
            held.update(f for entry in remaining for f in entry.obj["metadata"].get("finalizers") or ())
    if left:
        status = {**obj["status"], "conditions": _conditions(obj["status"].get("conditions"), left, held)}
        hub.set_status(KEY, obj, status)
        hub.enqueue(KEY, None, name, AGAIN)
    else:
        hub.store.remove(KEY, None, name)


def _conditions(before: list[Json] | None, left: "Counter[str]", held: "Counter[str]") -> list[Json]:
    """What a person reads who asks why the namespace does not go."""
    found = before or []
    for type, reason, message in MANAGED:
        found = with_condition(found, type, "False", reason, message)
    told = f"Some resources are remaining: {_counted(left, 'has')}"
    found = with_condition(found, "NamespaceContentRemaining", "True", "SomeResourcesRemain", told)
    finalizers = "NamespaceFinalizersRemaining"
    if not held:
        none = "All content-preserving finalizers finished"
        return with_condition(found, finalizers, "False", "ContentHasNoFinalizers", none)
    told = f"Some content in the namespace has finalizers remaining: {_counted(held, 'in')}"
    return with_condition(found, finalizers, "True", "SomeFinalizersRemain", told)


def _counted(found: "Counter[str]", verb: str) -> str:
    return ", ".join(f"{name} {verb} {count} resource instances" for name, count in sorted(found.items()))
