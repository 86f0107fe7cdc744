"""Keeps a claim that is deleted for as long as a pod uses it, and a volume while it is bound."""

from fairway_sandbox.admission.finalizers import PROTECTED
from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.objects import Json, dig

CLAIMS, VOLUMES = "persistentvolumeclaims", "persistentvolumes"


def release(hub: Hub, key: str, obj: Json) -> None:
    """Let go of a deleted claim or volume that nothing needs any more."""
    finalizer, meta = PROTECTED[obj["kind"]], obj["metadata"]
    if finalizer in (meta.get("finalizers") or ()) and not (_used(hub, obj) if key == CLAIMS else _bound(obj)):
        hub.drop_finalizer((key, meta.get("namespace"), meta["name"]), finalizer)


def reconcile_volume(hub: Hub, namespace: str | None, name: str, obj: Json | None) -> None:
    if obj is not None and obj["metadata"].get("deletionTimestamp"):
        release(hub, VOLUMES, obj)


def claims_of(pod: Json) -> list[str]:
    """The names of the claims that a pod mounts."""
    found = [dig(volume, "persistentVolumeClaim.claimName") for volume in pod["spec"].get("volumes") or ()]
    return [name for name in found if name]


def _used(hub: Hub, claim: Json) -> bool:
    meta = claim["metadata"]
    pods = [entry.obj for entry in hub.store.every("pods", meta["namespace"])]
    return any(p["spec"].get("nodeName") and meta["name"] in claims_of(p) for p in pods)


def _bound(volume: Json) -> bool:
    return bool(dig(volume, "status.phase") == "Bound")
