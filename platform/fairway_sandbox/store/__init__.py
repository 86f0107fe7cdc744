"""Objects in memory with one resource version for all, a log that watches replay, and a copy on disk."""

from fairway_sandbox.store.entry import Entry, Event
from fairway_sandbox.store.store import Store
from fairway_sandbox.store.watcher import Watcher

__all__ = ["Entry", "Event", "Store", "Watcher"]
