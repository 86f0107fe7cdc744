"""One version of an object, and the event that brought it."""

import orjson

from fairway_sandbox.objects import Json

TYPE = ("kind", "apiVersion")


class Entry:
    """A stored object: never changed in place, its bytes made once for every reader."""

    __slots__ = ("_head", "_raw", "obj", "version")

    def __init__(self, obj: Json, version: int) -> None:
        self.obj, self.version = obj, version
        self._raw: bytes | None = None

    @property
    def raw(self) -> bytes:
        if self._raw is None:
            head = orjson.dumps({name: self.obj.get(name) for name in TYPE})
            rest = orjson.dumps({name: value for name, value in self.obj.items() if name not in TYPE})
            self._raw, self._head = head[:-1] + b"," + rest[1:], len(head)
        return self._raw

    @property
    def untyped(self) -> memoryview:
        """Without kind and apiVersion, as a list's items are; without its opening brace, so that nothing is copied."""
        raw = self.raw
        return memoryview(raw)[self._head :]


class Event:
    """ADDED, MODIFIED or DELETED, with the object after it and, where there was one, before it."""

    __slots__ = ("before", "entry", "type")

    def __init__(self, type: str, entry: Entry, before: Entry | None) -> None:
        self.type, self.entry, self.before = type, entry, before

    def line(self, type: str) -> bytes:
        return b'{"type":"' + type.encode() + b'","object":' + self.entry.raw + b"}\n"
