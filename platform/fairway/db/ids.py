"""Ids: UUIDv7 (RFC 9562), so that rows sort by the time they were made; shown short."""

import os
import time
import uuid


def new_id() -> str:
    """A fresh UUIDv7 in its 36-character form."""
    milliseconds = time.time_ns() // 1_000_000
    tail = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (2**48 - 1)) << 80 | 0x7 << 76 | (tail >> 68) << 64 | 0b10 << 62 | tail & (2**62 - 1)
    return str(uuid.UUID(int=value))


def short(identity: str) -> str:
    """The last eight hex digits: random, where the first ones are the clock's."""
    return identity[-8:]
