"""What finalizers may be put on an object."""

from collections.abc import Iterator

import orjson

from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json

PROTECTED = {
    "PersistentVolumeClaim": "kubernetes.io/pvc-protection",
    "PersistentVolume": "kubernetes.io/pv-protection",
}


def protect(kind: Kind, obj: Json) -> None:
    """A new claim or volume does not go while it is in use."""
    finalizer, meta = PROTECTED.get(kind.kind), obj["metadata"]
    if finalizer and finalizer not in (meta.get("finalizers") or ()):
        meta["finalizers"] = [*(meta.get("finalizers") or ()), finalizer]


def late(obj: Json, old: Json | None) -> Iterator[tuple[str, str]]:
    """An object that is being deleted takes no new ones. A real server checks that twice, and tells it twice."""
    if old is None or not old["metadata"].get("deletionTimestamp"):
        return
    known = old["metadata"].get("finalizers") or ()
    added = [name for name in obj["metadata"].get("finalizers") or () if name not in known]
    if added:
        listed = ", ".join(orjson.dumps(name).decode() for name in sorted(added))
        why = "Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers "
        yield from [("metadata.finalizers", f"{why}[]string{{{listed}}}")] * 2
