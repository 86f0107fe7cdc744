"""An answer that goes on: lines as they come, until the server ends it or `close` is called from any thread."""

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from typing import Generic, TypeVar

import urllib3

from fairway.errors import Unreachable

T = TypeVar("T")


class Stream(Generic[T]):
    """An iterator. The request is made, and refused, when it is constructed."""

    def __init__(self, opened: AbstractContextManager[urllib3.BaseHTTPResponse], convert: Callable[[bytes], T]) -> None:
        self._stack = ExitStack()
        self._response = self._stack.enter_context(opened)
        self._convert = convert
        self._closed = False
        self._items = self._read()

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        try:
            return next(self._items)
        except Unreachable:
            if self._closed:
                raise StopIteration from None
            raise

    def close(self) -> None:
        """Ends a read that is waiting in another thread, too."""
        self._closed = True
        with suppress(OSError, ValueError, RuntimeError):
            self._response.shutdown()
        with suppress(ValueError):  # another thread is in it, and ends it
            self._items.close()
            self._stack.close()

    def __enter__(self) -> "Stream[T]":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _read(self) -> Generator[T, None, None]:
        with self._stack:
            for line in _lines(self._response):
                yield self._convert(line)


def _lines(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """Whole lines as soon as they are there."""
    rest = b""
    for chunk in response.stream(2**16):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    if rest:
        yield rest
