"""What every reconciler has at hand: the store, the registry, events, who owns whom."""

import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from fairway_sandbox import deletion
from fairway_sandbox.controllers.queues import Queues
from fairway_sandbox.errors import ApiError
from fairway_sandbox.objects import Json, copied, dig, evolved, now
from fairway_sandbox.registry import Registry
from fairway_sandbox.store import Event

Ident = tuple[str, str | None, str]


class Hub(Queues):
    def __init__(self, registry: Registry, data: Path) -> None:
        super().__init__(registry.store)
        self.registry, self.data = registry, data
        self.owned: dict[str, set[Ident]] = defaultdict(set)

    def know_owners(self, key: str, event: Event) -> None:
        meta = event.entry.obj["metadata"]
        ident = (key, meta.get("namespace"), meta["name"])
        for reference in meta.get("ownerReferences") or ():
            if event.type == "DELETED":
                self.owned[reference["uid"]].discard(ident)
            else:
                self.owned[reference["uid"]].add(ident)

    def owned_by(self, obj: Json, key: str) -> Iterator[Json]:
        """The living objects of a kind that the object owns."""
        uid = obj["metadata"]["uid"]
        for ident in sorted(self.owned.get(uid, ()), key=str):
            found = self.store.object(*ident) if ident[0] == key else None
            if found and any(r["uid"] == uid for r in found["metadata"].get("ownerReferences") or ()):
                yield found

    def reference(self, key: str, obj: Json) -> Json:
        """The owner reference to the object as a controller."""
        kind, meta = self.registry.kinds.by_key[key], obj["metadata"]
        made = {"apiVersion": kind.api_version, "kind": kind.kind, "name": meta["name"], "uid": meta["uid"]}
        return {**made, "controller": True, "blockOwnerDeletion": True}

    def delete(self, key: str, obj: Json, options: Json | None = None) -> None:
        meta = obj["metadata"]
        entry = self.store.entry(key, meta.get("namespace"), meta["name"])
        if entry is not None:
            deletion.delete(self.registry, self.registry.kinds.by_key[key], entry, options)

    def drop_finalizer(self, ident: Ident, finalizer: str) -> None:
        """Take a finalizer off an object, which goes with its last one."""
        obj = self.store.object(*ident)
        if obj is None:
            return
        fresh = evolved(obj)
        fresh["metadata"]["finalizers"] = [f for f in obj["metadata"].get("finalizers") or [] if f != finalizer]
        if fresh["metadata"]["finalizers"]:
            self.store.put(ident[0], fresh)
        elif ident[0] == "pods" and obj["metadata"].get("deletionGracePeriodSeconds"):
            del fresh["metadata"]["finalizers"]
            self.store.put(ident[0], fresh)
        else:
            self.store.remove(*ident)

    def set_status(self, key: str, obj: Json, status: Json, annotations: Json | None = None) -> None:
        """Write the status where it differs; an object that has gone meanwhile needs none."""
        meta = obj["metadata"]
        current = self.store.object(key, meta.get("namespace"), meta["name"])
        if current is None or current["metadata"]["uid"] != meta["uid"]:
            return
        have = current["metadata"].get("annotations") or {}
        lacking = {k: v for k, v in (annotations or {}).items() if have.get(k) != v}
        if current.get("status") == status and not lacking:
            return
        fresh = evolved(current, status=status)
        if lacking:
            fresh["metadata"]["annotations"] = {**have, **lacking}
        self.store.put(key, fresh)

    def record(self, key: str, obj: Json, type: str, reason: str, message: str, component: str = "sandbox") -> None:
        """An Event about the object; the same one again raises its count."""
        meta = obj["metadata"]
        namespace = meta.get("namespace") or "default"
        for entry in self.store.every("events", namespace):
            known = entry.obj
            same = known["reason"] == reason and known["message"] == message
            if same and known["involvedObject"].get("uid") == meta["uid"]:
                self.store.put("events", evolved(known, count=known.get("count", 1) + 1, lastTimestamp=now()))
                return
        kind = self.registry.kinds.by_key[key]
        about = {"kind": kind.kind, "apiVersion": kind.api_version, "namespace": meta.get("namespace")}
        about |= {"name": meta["name"], "uid": meta["uid"]}
        event: Json = {"metadata": {"name": f"{meta['name']}.{time.time_ns():x}"}, "involvedObject": about}
        event |= {"type": type, "reason": reason, "message": message, "count": 1}
        event |= {"firstTimestamp": now(), "lastTimestamp": now(), "source": {"component": component}}
        event |= {"reportingComponent": component, "reportingInstance": ""}
        try:
            self.registry.make("events", namespace, event)
        except ApiError as error:
            # A namespace that ends takes no new events, in a real cluster neither.
            if error.code not in (403, 404):
                raise

    def make_pod(
        self,
        key: str,
        owner: Json,
        template: Json,
        *,
        name: str = "",
        labels: Json | None = None,
        spec: Json | None = None,
    ) -> Json:
        """A pod from a template, owned; `spec` is laid over the template's."""
        meta = {
            k: v for k, v in (template.get("metadata") or {}).items() if k in ("labels", "annotations", "finalizers")
        }
        meta = copied(meta)
        meta["labels"] = {**(meta.get("labels") or {}), **(labels or {})}
        meta["ownerReferences"] = [self.reference(key, owner)]
        meta["generateName"] = f"{owner['metadata']['name']}-"
        if name:
            meta["name"] = name
        body = {"metadata": meta, "spec": {**copied(template["spec"]), **(spec or {})}}
        pod = self.registry.make("pods", owner["metadata"]["namespace"], body)
        self.record(key, owner, "Normal", "SuccessfulCreate", self._told(key, owner, pod, "create"), self._named(key))
        return pod

    def end_pod(self, key: str, owner: Json, pod: Json) -> None:
        self.delete("pods", pod)
        self.record(key, owner, "Normal", "SuccessfulDelete", self._told(key, owner, pod, "delete"), self._named(key))

    def _told(self, key: str, owner: Json, pod: Json, verb: str) -> str:
        name = pod["metadata"]["name"]
        if key == "statefulsets.apps":
            return f"{verb} Pod {name} in StatefulSet {owner['metadata']['name']} successful"
        return f"{verb.capitalize()}d pod: {name}"

    def _named(self, key: str) -> str:
        return self.registry.kinds.by_key[key].kind.lower() + "-controller"

    def pods_selected(self, namespace: str, labels: Json) -> list[Json]:
        """The namespace's pods that have all of the labels."""
        found = [e.obj for e in self.store.every("pods", namespace)]
        return [p for p in found if all(dig(p["metadata"], "labels", {}).get(k) == v for k, v in labels.items())]
