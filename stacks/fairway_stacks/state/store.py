"""Where the state's documents lie: by key, under the keys of Pulumi's DIY backends."""

from collections.abc import Iterator
from typing import Protocol


class Store(Protocol):
    """Blocking, thread-safe; every write is atomic and durable when it returns."""

    url: str

    def read(self, key: str) -> bytes | None: ...
    def write(self, key: str, data: bytes) -> None: ...
    def delete(self, key: str) -> None:
        """What is not there is deleted already."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys below a folder, sorted."""
        ...

    def close(self) -> None: ...
