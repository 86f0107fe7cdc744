"""Waiting for something to become true."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")
SHORTEST, LONGEST = 0.02, 0.5


def until(load: Callable[[], Value], true: Callable[[Value], object] = bool, seconds: float = 20.0) -> Value:
    """Looks until it is true (not empty, where nothing is said); fails with what was last seen. A look that takes its
    time, such as a command, is not repeated at once: what is waited for needs the processor too."""
    deadline = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        value = load()
        if true(value):
            return value
        assert time.monotonic() < deadline, f"in vain; last seen: {value!r}"
        time.sleep(min(max(SHORTEST, time.monotonic() - began), LONGEST))
