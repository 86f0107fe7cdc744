"""The store in a directory: `pulumi login file://<directory>` reads and continues it."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


class FileStore:
    """Each document is a file, replaced atomically and synced, for the owner's eyes only."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.url = f"file://{directory}"

    def read(self, key: str) -> bytes | None:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, key: str, data: bytes) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync(path.parent)

    def delete(self, key: str) -> None:
        path = self._path(key)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            _sync(path.parent)

    def keys(self, prefix: str) -> Iterator[str]:
        for path in sorted(self._path(prefix).rglob("*")):
            if path.is_file() and not path.name.startswith(".writing-"):
                yield path.relative_to(self._directory).as_posix()

    def close(self) -> None:
        """Nothing is open between two calls."""

    def _path(self, key: str) -> Path:
        if ".." in Path(key).parts:
            raise ValueError(f"not a key: {key}")
        return self._directory / key


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
