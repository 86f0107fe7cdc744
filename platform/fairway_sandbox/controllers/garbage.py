"""Garbage collection: what belonged to an owner that is gone, in the background, before it, or set free."""

import asyncio
import logging
import shutil

from fairway_sandbox.controllers.hub import Hub, Ident
from fairway_sandbox.objects import Json, dig, evolved
from fairway_sandbox.store import Event

log = logging.getLogger(__name__)
ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"
VOLUMES = "persistentvolumes"


class Garbage:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._queue: asyncio.Queue[tuple[str, Ident | None]] = asyncio.Queue()

    def listen(self, key: str, event: Event) -> None:
        """(uid, where it was) for what is gone; (uid, None) for what has to be looked at again."""
        meta = event.entry.obj["metadata"]
        if event.type == "DELETED":
            self._queue.put_nowait((meta["uid"], (key, meta.get("namespace"), meta["name"])))
        elif meta.get("deletionTimestamp") and meta.get("finalizers"):
            self._queue.put_nowait((meta["uid"], None))
        if event.type == "DELETED" or meta.get("deletionTimestamp"):
            for reference in meta.get("ownerReferences") or ():
                self._queue.put_nowait((reference["uid"], None))

    async def run(self) -> None:
        while True:
            uid, gone = await self._queue.get()
            try:
                if gone is not None:
                    self._collect(uid)
                    if gone[0] == "persistentvolumeclaims":
                        await self._reclaim(uid)
                else:
                    self._finalize(uid)
            except Exception:
                log.exception("garbage of %s", uid)

    def _collect(self, uid: str) -> None:
        for ident in sorted(self._hub.owned.pop(uid, ()), key=str):
            found = self._hub.store.object(*ident)
            if found is None:
                continue
            others = [r for r in found["metadata"].get("ownerReferences") or [] if r["uid"] != uid]
            if any(r["uid"] in self._hub.store.places for r in others):
                self._disown(ident, found, uid)
            else:
                self._hub.delete(ident[0], found, {"propagationPolicy": "Background"})

    async def _reclaim(self, claim: str) -> None:
        """The volume of a claim that is gone, and its files."""
        for entry in self._hub.store.every(VOLUMES):
            if dig(entry.obj, "spec.claimRef.uid") == claim:
                self._hub.store.remove(VOLUMES, None, entry.obj["metadata"]["name"])
                await asyncio.to_thread(shutil.rmtree, entry.obj["spec"]["hostPath"]["path"], True)

    def _finalize(self, uid: str) -> None:
        place = self._hub.store.places.get(uid)
        if place is None:
            return
        ident: Ident = (place[0], place[1][0] or None, place[1][1])
        obj = self._hub.store.object(*ident)
        if obj is None or not obj["metadata"].get("deletionTimestamp"):
            return
        finalizers = obj["metadata"].get("finalizers") or []
        if ORPHAN in finalizers:
            for owned in sorted(self._hub.owned.pop(uid, ()), key=str):
                found = self._hub.store.object(*owned)
                if found is not None:
                    self._disown(owned, found, uid)
            self._hub.drop_finalizer(ident, ORPHAN)
        elif FOREGROUND in finalizers and not self._wait_for_owned(uid):
            self._hub.drop_finalizer(ident, FOREGROUND)

    def _wait_for_owned(self, uid: str) -> bool:
        """Ask what is owned to go; whether anything still has to."""
        for ident in sorted(self._hub.owned.get(uid, ()), key=str):
            found = self._hub.store.object(*ident)
            if found is not None and not found["metadata"].get("deletionTimestamp"):
                owner = bool(self._hub.owned.get(found["metadata"]["uid"]))
                self._hub.delete(ident[0], found, {"propagationPolicy": "Foreground" if owner else "Background"})
        return any(self._hub.store.object(*ident) for ident in self._hub.owned.get(uid, ()))

    def _disown(self, ident: Ident, obj: Json, uid: str) -> None:
        fresh = evolved(obj)
        references = [r for r in obj["metadata"].get("ownerReferences") or [] if r["uid"] != uid]
        fresh["metadata"]["ownerReferences"] = references
        if not references:
            del fresh["metadata"]["ownerReferences"]
        self._hub.store.put(ident[0], fresh)
