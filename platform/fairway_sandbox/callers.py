"""Whose process is at the other end of a connection: pods share this machine's loopback, so an address does not tell.

Linux's /proc tells which socket belongs to which process. Elsewhere nobody is known, and no policy holds anybody up.
"""

import contextlib
import os
import socket
import struct
from collections.abc import Collection, Iterator
from pathlib import Path

Place = tuple[str, int]
TABLE = Path("/proc/net/tcp")


def session(place: Place, here: Place, sessions: Collection[int]) -> int | None:
    """Which of these sessions holds the socket at `place` that is connected to `here`; None when it is another's."""
    inode = _inode(place, here)
    if not inode:
        return None
    wanted = f"socket:[{inode}]"
    for pid, its in _processes():
        if its in sessions and wanted in _files(pid):
            return its
    return None


def _inode(place: Place, here: Place) -> str:
    """Of the connection's other end, as a row of the kernel's table has it; empty without one."""
    ends = [_end(place), _end(here)]
    with contextlib.suppress(OSError), TABLE.open() as table:
        for row in table:
            columns = row.split()
            if columns[1:3] == ends:
                return columns[9]
    return ""


def _end(place: Place) -> str:
    """Address and port in hexadecimal, the address in the byte order of the machine."""
    (number,) = struct.unpack("=I", socket.inet_aton(place[0]))
    return f"{number:08X}:{place[1]:04X}"


def _processes() -> Iterator[tuple[str, int]]:
    """Each process with its session."""
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            yield pid, os.getsid(int(pid))


def _files(pid: str) -> Iterator[str]:
    folder = f"/proc/{pid}/fd"
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            with contextlib.suppress(OSError):
                yield os.readlink(f"{folder}/{name}")
