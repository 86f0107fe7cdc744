"""Writes, whoever asks for them: the API for its callers, controllers and the kubelet for themselves."""

from fairway_sandbox import admission, kinds
from fairway_sandbox.addresses import Addresses
from fairway_sandbox.errors import ApiError, already_exists, another, bad_request, conflict, details, invalid, not_found
from fairway_sandbox.kinds import Kind, Kinds
from fairway_sandbox.objects import Json, evolved, name_suffix, new_uid, now
from fairway_sandbox.patches import owners
from fairway_sandbox.schema import Schema
from fairway_sandbox.store import Entry, Store

WITHOUT_GENERATION = (
    *("Node", "Namespace", "ConfigMap", "Secret", "Service", "ServiceAccount", "PersistentVolumeClaim"),
    *("PersistentVolume", "Endpoints", "HorizontalPodAutoscaler"),
)
OTHER_NAMESPACE = "the namespace of the provided object does not match the namespace sent on the request"
KEPT = (
    *("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"),
    *("generation", "generateName"),
)


class Registry:
    def __init__(self, store: Store, kinds: Kinds, schema: Schema, addresses: Addresses) -> None:
        self.store, self.kinds, self.schema, self.addresses = store, kinds, schema, addresses

    def live(self, kind: Kind, namespace: str | None, name: str) -> Entry:
        entry = self.store.entry(kind.key, namespace, name)
        if entry is None:
            raise not_found(kind, name)
        return entry

    def make(self, key: str, namespace: str | None, obj: Json) -> Json:
        """Create for a controller: no field owner, nothing to warn about."""
        return self.create(self.kinds.by_key[key], namespace, obj).obj

    def create(
        self, kind: Kind, namespace: str | None, obj: Json, *, manager: str = "", dry_run: bool = False
    ) -> Entry:
        if "status" in kind.subresources and kind.kind not in ("Node", "Pod"):
            obj.pop("status", None)
        self._begin(kind, namespace, obj)
        admission.fill(kind, obj)
        meta = obj["metadata"]
        if manager and not meta.get("managedFields"):
            node = self.schema.root(kind.api_version, kind.kind)
            meta["managedFields"] = owners.after_update(self.schema, node, None, obj, manager, kind.api_version)
        self._admit(kind, obj, None)
        versioned = meta.pop("resourceVersion", None)
        if dry_run:
            if self.store.entry(kind.key, meta.get("namespace"), meta["name"]):
                raise already_exists(kind, meta["name"])
            if kind.key == "services":
                self.addresses.release(obj["spec"].get("clusterIP", ""))
            return Entry(obj, self.store.version)
        if versioned:
            raise ApiError(500, "", "resourceVersion should not be set on objects to be created")
        return self.store.create(kind.key, obj)

    def _begin(self, kind: Kind, namespace: str | None, obj: Json) -> None:
        meta = obj.setdefault("metadata", {})
        if not meta.get("name"):
            if not meta.get("generateName"):
                raise invalid(kind, "", [("metadata.name", "Required value: name or generateName is required")])
            meta["name"] = meta["generateName"] + name_suffix()
        if not kind.namespaced:
            meta.pop("namespace", None)
        else:
            if meta.get("namespace") and namespace and meta["namespace"] != namespace:
                raise bad_request(OTHER_NAMESPACE)
            meta["namespace"] = meta.get("namespace") or namespace or "default"
            self._require_namespace(kind, meta)
        obj["apiVersion"], obj["kind"] = kind.api_version, kind.kind
        for name in ("deletionTimestamp", "selfLink"):
            meta.pop(name, None)
        meta["uid"], meta["creationTimestamp"] = new_uid(), now()
        if "spec" in obj and kind.kind not in WITHOUT_GENERATION:
            meta["generation"] = 1

    def _require_namespace(self, kind: Kind, meta: Json) -> None:
        name = meta["namespace"]
        found = self.store.object("namespaces", None, name)
        if found is None:
            raise not_found(self.kinds.by_key["namespaces"], name)
        if found["metadata"].get("deletionTimestamp"):
            why = f"namespace {name} is being terminated"
            cause = {"reason": "NamespaceTerminating", "message": why, "field": "metadata.namespace"}
            message = f'{kind.key} "{meta["name"]}" is forbidden: unable to create new content in namespace {name} '
            told = {**details(kind, meta["name"]), "causes": [cause]}
            raise ApiError(403, "Forbidden", f"{message}because it is being terminated", told)

    def _admit(self, kind: Kind, obj: Json, old: Json | None) -> None:
        admission.complete(kind, obj, old)
        if old is None:
            admission.protect(kind, obj)
        admission.check(kind, obj, old)
        if kind.key == "services":
            self.addresses.assign(obj, old)
        if kind.kind == "CustomResourceDefinition":
            self.define(obj)

    def define(self, definition: Json) -> None:
        """Serve a custom kind from now on."""
        for kind in kinds.of_definition(definition):
            self.kinds.add(kind)
            self.store.add_kind(kind)
        accepted = {"type": "NamesAccepted", "status": "True", "reason": "NoConflicts", "message": "no conflicts found"}
        served = {"type": "Established", "status": "True", "reason": "InitialNamesAccepted"}
        served["message"] = "the initial names have been accepted"
        spec = definition["spec"]
        definition["status"] = {
            "conditions": [{**c, "lastTransitionTime": now()} for c in (accepted, served)],
            "acceptedNames": spec["names"],
            "storedVersions": [v["name"] for v in spec["versions"] if v.get("storage")],
        }

    def update(
        self,
        kind: Kind,
        live: Entry,
        new: Json,
        *,
        subresource: str = "",
        manager: str = "",
        dry_run: bool = False,
        managed: list[Json] | None = None,
    ) -> Entry:
        """Replace a live object by a private new one; what only the server sets is kept as it was."""
        old = live.obj
        self._require_same(kind, old, new)
        new["apiVersion"], new["kind"] = kind.api_version, kind.kind
        if subresource == "status":
            new = evolved(old, **({"status": new["status"]} if new.get("status") is not None else {}))
        else:
            if "status" in kind.subresources:
                new.pop("status", None)
                new |= {"status": old["status"]} if "status" in old else {}
            if not subresource:
                admission.fill(kind, new, old)
                self._admit(kind, new, old)
        self._keep(old, new)
        self._own(kind, old, new, subresource, manager, managed)
        if _comparable(new) == _comparable(old):
            return live
        if dry_run:
            return Entry(new, live.version)
        entry = self.store.put(kind.key, new)
        meta = new["metadata"]
        stays = (kind.kind == "Pod" and meta.get("deletionGracePeriodSeconds")) or kind.kind == "Namespace"
        if meta.get("deletionTimestamp") and not meta.get("finalizers") and not stays:
            self.store.remove(kind.key, meta.get("namespace"), meta["name"])
        return entry

    def _require_same(self, kind: Kind, old: Json, new: Json) -> None:
        meta, was = new.setdefault("metadata", {}), old["metadata"]
        if meta.get("name", was["name"]) != was["name"]:
            message = f"the name of the object ({meta['name']}) does not match the name on the URL ({was['name']})"
            raise bad_request(message)
        if meta.get("uid") and meta["uid"] != was["uid"]:
            raise another(kind, was, meta["uid"])
        if meta.get("resourceVersion") and meta["resourceVersion"] != was["resourceVersion"]:
            raise conflict(kind, was["name"])

    def _keep(self, old: Json, new: Json) -> None:
        meta, was = new["metadata"], old["metadata"]
        for name in KEPT:
            meta.pop(name, None)
            if name in was:
                meta[name] = was[name]
        meta["resourceVersion"] = was["resourceVersion"]
        if "generation" in was and new.get("spec") != old.get("spec"):
            meta["generation"] = was["generation"] + 1

    def _own(
        self, kind: Kind, old: Json, new: Json, subresource: str, manager: str, managed: list[Json] | None
    ) -> None:
        meta, was = new["metadata"], old["metadata"].get("managedFields")
        if managed is not None:
            meta["managedFields"] = managed
        elif meta.get("managedFields") is not None and meta["managedFields"] != was:
            # The caller rewrites them itself, as kubectl does on its way from client-side to server-side apply.
            meta["managedFields"] = [owner for owner in meta["managedFields"] if owner]
        elif manager:
            node = self.schema.root(kind.api_version, kind.kind)
            meta["managedFields"] = owners.after_update(
                self.schema, node, old, new, manager, kind.api_version, subresource
            )
        elif was is not None:
            meta["managedFields"] = was
        if not meta.get("managedFields"):
            meta.pop("managedFields", None)


def _comparable(obj: Json) -> Json:
    """The object without the times of its field owners: a write that changes nothing else is none."""
    managed = [{k: v for k, v in e.items() if k != "time"} for e in obj["metadata"].get("managedFields") or []]
    return evolved(obj, metadata={**obj["metadata"], "managedFields": managed})
