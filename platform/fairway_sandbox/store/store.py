"""The objects themselves: create, put, remove, list, page and watch."""

import bisect
from collections import defaultdict, deque
from collections.abc import Callable

from fairway_sandbox.errors import already_exists, expired, not_found
from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json, evolved
from fairway_sandbox.selectors import Predicate
from fairway_sandbox.store.entry import Entry, Event
from fairway_sandbox.store.watcher import Watcher

Place = tuple[str, str]
Listener = Callable[[str, Event], None]
LOG_SIZE = 500


class Bucket:
    """All objects of one kind, its log of events and its followers."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.entries: dict[Place, Entry] = {}
        self.by_namespace: dict[str, dict[str, Entry]] = defaultdict(dict)
        self.log: deque[Event] = deque(maxlen=LOG_SIZE)
        self.watchers: set[Watcher] = set()
        self.order: list[Place] | None = None

    def keep(self, place: Place, entry: Entry) -> None:
        if place not in self.entries:
            self.order = None
        self.entries[place] = entry
        self.by_namespace[place[0]][place[1]] = entry

    def drop(self, place: Place) -> Entry | None:
        entry = self.entries.pop(place, None)
        if entry is not None:
            del self.by_namespace[place[0]][place[1]]
            self.order = None
        return entry


class Store:
    def __init__(self) -> None:
        self.version = 1000
        self.oldest = 1000
        self.listeners: list[Listener] = []
        self.places: dict[str, tuple[str, Place]] = {}
        self._buckets: dict[str, Bucket] = {}

    def add_kind(self, kind: Kind) -> None:
        self._buckets.setdefault(kind.key, Bucket(kind))

    def load(self, key: str, obj: Json) -> None:
        """Put back an object that was kept on disk, without an event."""
        meta = obj["metadata"]
        place = (meta.get("namespace") or "", meta["name"])
        self._buckets[key].keep(place, Entry(obj, int(meta["resourceVersion"])))
        self.places[meta["uid"]] = (key, place)

    def begin_at(self, version: int) -> None:
        """Versions before this one are no longer in the log: a watch from there is told so."""
        self.version = self.oldest = version

    def entry(self, key: str, namespace: str | None, name: str) -> Entry | None:
        return self._buckets[key].entries.get((namespace or "", name))

    def object(self, key: str, namespace: str | None, name: str) -> Json | None:
        entry = self.entry(key, namespace, name)
        return entry.obj if entry else None

    def create(self, key: str, obj: Json) -> Entry:
        bucket, meta = self._buckets[key], obj["metadata"]
        place = (meta.get("namespace") or "", meta["name"])
        if place in bucket.entries:
            raise already_exists(bucket.kind, place[1])
        entry = self._next(obj)
        bucket.keep(place, entry)
        self.places[meta["uid"]] = (key, place)
        self._tell(bucket, Event("ADDED", entry, None))
        return entry

    def put(self, key: str, obj: Json) -> Entry:
        """Replace an object; `obj` is the caller's own, never a stored one."""
        bucket, meta = self._buckets[key], obj["metadata"]
        place = (meta.get("namespace") or "", meta["name"])
        before = bucket.entries.get(place)
        if before is None:
            raise not_found(bucket.kind, place[1])
        entry = self._next(obj)
        bucket.keep(place, entry)
        self._tell(bucket, Event("MODIFIED", entry, before))
        return entry

    def remove(self, key: str, namespace: str | None, name: str) -> Entry | None:
        bucket = self._buckets[key]
        before = bucket.drop((namespace or "", name))
        if before is None:
            return None
        self.places.pop(before.obj["metadata"]["uid"], None)
        entry = self._next(evolved(before.obj))
        self._tell(bucket, Event("DELETED", entry, before))
        return entry

    def every(self, key: str, namespace: str | None = None, predicate: Predicate | None = None) -> list[Entry]:
        bucket = self._buckets[key]
        entries = bucket.by_namespace.get(namespace, {}) if namespace else bucket.entries
        return [e for e in entries.values() if predicate is None or predicate(e.obj)]

    def page(
        self, key: str, namespace: str | None, predicate: Predicate | None, limit: int, after: Place | None
    ) -> tuple[list[Entry], Place | None, int | None]:
        """Entries in order after a place, the last place when there are more, and how many are left where known."""
        bucket = self._buckets[key]
        if bucket.order is None:
            bucket.order = sorted(bucket.entries)
        start = bisect.bisect_right(bucket.order, after) if after else 0
        places = [p for p in bucket.order[start:] if not namespace or p[0] == namespace]
        if predicate is not None:
            places = [p for p in places if predicate(bucket.entries[p].obj)]
        chosen = places[:limit] if limit else places
        left = len(places) - len(chosen)
        last = chosen[-1] if left else None
        return [bucket.entries[p] for p in chosen], last, left if left and predicate is None else None

    def watch(
        self, key: str, namespace: str | None, predicate: Predicate | None, since: int | None
    ) -> tuple[Watcher, "list[tuple[str, Event]]"]:
        """A follower and what it missed; without a version all objects come as ADDED first."""
        bucket, watcher = self._buckets[key], Watcher(namespace, predicate)
        if since is None:
            missed = [("ADDED", Event("ADDED", e, None)) for e in self.every(key, namespace, predicate)]
        else:
            oldest = bucket.log[0].entry.version - 1 if len(bucket.log) == LOG_SIZE else self.oldest
            if since < oldest:
                raise expired(f"too old resource version: {since} ({oldest})")
            events = [(watcher.seen(e), e) for e in bucket.log if e.entry.version > since]
            missed = [(kind, e) for kind, e in events if kind]
        bucket.watchers.add(watcher)
        return watcher, missed

    def unwatch(self, key: str, watcher: Watcher) -> None:
        self._buckets[key].watchers.discard(watcher)

    def _next(self, obj: Json) -> Entry:
        self.version += 1
        obj["metadata"]["resourceVersion"] = str(self.version)
        return Entry(obj, self.version)

    def _tell(self, bucket: Bucket, event: Event) -> None:
        bucket.log.append(event)
        for watcher in bucket.watchers:
            watcher.offer(event)
        for listener in self.listeners:
            listener(bucket.kind.key, event)
