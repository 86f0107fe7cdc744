"""Waiting for something to become true."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def until(load: Callable[[], Value], true: Callable[[Value], object] = bool, seconds: float = 20.0) -> Value:
    """Looks until it is true (not empty, where nothing is said); fails with what was last seen."""
    deadline = time.monotonic() + seconds
    while True:
        value = load()
        if true(value):
            return value
        assert time.monotonic() < deadline, f"in vain; last seen: {value!r}"
        time.sleep(0.02)
