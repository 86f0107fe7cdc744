"""Is a port free, and if not, who has it?"""

import errno
import socket
import time

import psutil

from fairway.cli.failure import CONFLICT, USAGE, Failure

PREDECESSOR = 10.0


def require_free(host: str, port: int) -> None:
    """Raises Failure that names the program which listens there. A server of Fairway that is just ending is waited
    for."""
    until = time.monotonic() + PREDECESSOR
    while True:
        error = _refused(host, port)
        if error is None:
            return
        if error.errno != errno.EADDRINUSE or not _ends(port) or time.monotonic() > until:
            raise _explained(host, port, error) from error
        time.sleep(0.1)


def _refused(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def _ends(port: int) -> bool:
    """Whether the listener is a server whose supervisor was killed: it got a signal, and a new parent."""
    process = _listener(port)
    try:
        return process is not None and process.ppid() == 1 and "fairway.serving" in process.cmdline()
    except psutil.Error:
        return False


def _explained(host: str, port: int, error: OSError) -> Failure:
    if error.errno == errno.EADDRINUSE:
        hint = f"End it, or choose another port: fairway up --port {port + 1} (make: FAIRWAY_PORT={port + 1} make up)."
        return Failure(f"Port {port} is in use by {who(port)}", hint, code=CONFLICT)
    if error.errno in (errno.EACCES, errno.EPERM):
        return Failure(f"Port {port} needs more rights than you have", "Choose one above 1023.", code=USAGE)
    return Failure(f"Cannot listen on {host}:{port}: {error.strerror}", "Look at FAIRWAY_HOST.", code=USAGE)


def who(port: int) -> str:
    """The program that listens there, in words."""
    process = _listener(port)
    try:
        return f"{process.name()} (process {process.pid})" if process else "another program"
    except psutil.Error:
        return "another program"


def _listener(port: int) -> psutil.Process | None:
    try:
        for found in psutil.net_connections("tcp"):
            if found.status == psutil.CONN_LISTEN and found.laddr and found.laddr.port == port and found.pid:
                return psutil.Process(found.pid)
    except psutil.Error:
        pass
    return None
