"""Delete: preconditions, grace, finalizers and propagation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fairway_sandbox.errors import ApiError, conflict
from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json, dig, evolved, now, stamp
from fairway_sandbox.registry import Registry
from fairway_sandbox.store import Entry

BUILT_IN = ("default", "kube-system", "kube-public", "kube-node-lease")


def delete(
    registry: Registry, kind: Kind, entry: Entry, options: Json | None = None, *, dry_run: bool = False
) -> tuple[Entry, bool]:
    """The object as it is now, and whether it is gone."""
    options = options or {}
    obj, meta = entry.obj, entry.obj["metadata"]
    _require(kind, obj, options.get("preconditions") or {})
    finalizers = _finalizers(obj, options)
    grace = _grace(obj, options.get("gracePeriodSeconds")) if kind.kind == "Pod" else 0
    if kind.kind == "Pod" and meta.get("deletionTimestamp"):
        shorter = grace < (meta.get("deletionGracePeriodSeconds") or 0)
        if not shorter and grace:
            return entry, False
    if kind.kind == "Namespace":
        return _end_namespace(registry, kind, entry, dry_run), False
    if not grace and not finalizers:
        if not dry_run:
            registry.store.remove(kind.key, meta.get("namespace"), meta["name"])
        return entry, True
    if meta.get("deletionTimestamp") and kind.kind != "Pod":
        return entry, False
    fresh = evolved(obj)
    end = stamp(datetime.now(UTC) + timedelta(seconds=grace))
    fresh["metadata"] |= {"deletionGracePeriodSeconds": grace, "deletionTimestamp": end}
    if finalizers:
        fresh["metadata"]["finalizers"] = finalizers
    if "generation" in meta:
        fresh["metadata"]["generation"] += 1
    return _marked(registry, kind, entry, fresh, dry_run), False


def _marked(registry: Registry, kind: Kind, entry: Entry, fresh: Json, dry_run: bool) -> Entry:
    return Entry(fresh, entry.version) if dry_run else registry.store.put(kind.key, fresh)


def _require(kind: Kind, obj: Json, wanted: Json) -> None:
    meta = obj["metadata"]
    if wanted.get("uid") and wanted["uid"] != meta["uid"]:
        why = f"the UID in the precondition ({wanted['uid']}) does not match the UID in record ({meta['uid']})."
        raise _unmet(kind, obj, f"{why} The object might have been deleted and then recreated")
    version = wanted.get("resourceVersion")
    if version and version != meta["resourceVersion"]:
        why = f"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record"
        raise _unmet(kind, obj, f"{why} ({meta['resourceVersion']}). The object might have been modified")


def _unmet(kind: Kind, obj: Json, why: str) -> ApiError:
    """Named by its kind, unlike other conflicts."""
    return conflict(replace(kind, plural=kind.kind), obj["metadata"]["name"], why)


def _finalizers(obj: Json, options: Json) -> list[str]:
    found = list(obj["metadata"].get("finalizers") or [])
    policy = options.get("propagationPolicy") or ("Orphan" if options.get("orphanDependents") else None)
    wanted = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}.get(policy or "")
    return [*found, wanted] if wanted and wanted not in found else found


def _grace(pod: Json, asked: int | None) -> int:
    """The seconds that a pod's processes have: none when they never ran or have ended."""
    if not pod["spec"].get("nodeName") or dig(pod, "status.phase") in ("Succeeded", "Failed"):
        return 0
    return int(pod["spec"].get("terminationGracePeriodSeconds", 30)) if asked is None else max(0, asked)


def _end_namespace(registry: Registry, kind: Kind, entry: Entry, dry_run: bool) -> Entry:
    name = entry.obj["metadata"]["name"]
    if name in BUILT_IN:
        message = f'namespaces "{name}" is forbidden: this namespace may not be deleted'
        raise ApiError(403, "Forbidden", message, {"name": name, "kind": "namespaces"})
    if entry.obj["metadata"].get("deletionTimestamp"):
        return entry
    fresh = evolved(entry.obj, status={**(entry.obj.get("status") or {}), "phase": "Terminating"})
    fresh["metadata"]["deletionTimestamp"] = now()
    return _marked(registry, kind, entry, fresh, dry_run)
