"""One `fairway up` for each data directory: a lock that ends with its holder, and says who that is."""

import fcntl
import os
import signal
import time
from pathlib import Path
from typing import IO

from fairway.cli.failure import CONFLICT, Failure


class Hold:
    """`with Hold(data_dir):`. Raises Failure when another process has it."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "up.pid"
        self._file: IO[str] | None = None

    def __enter__(self) -> "Hold":
        file = self.path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            raise Failure(
                f"A platform runs from {self.path.parent} already (process {holder(self.path.parent)})",
                "`fairway login` prints a link to it; another one takes another --data-dir and --port.",
                code=CONFLICT,
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()


def holder(data_dir: Path) -> int | None:
    """The process that runs the platform of this directory, if one does."""
    try:
        with (data_dir / "up.pid").open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                text = file.read().strip()
                return int(text) if text.isdecimal() else None
    except FileNotFoundError:
        pass
    return None


def end_holder(data_dir: Path, seconds: float = 40.0) -> bool:
    """Asks that process to end, and waits. False when none ran. Raises Failure when it does not end."""
    pid = holder(data_dir)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + seconds
    while holder(data_dir) is not None:
        if time.monotonic() > until:
            raise Failure(f"The platform in {data_dir} (process {pid}) does not end", f"End it: kill -9 {pid}")
        time.sleep(0.1)
    return True
