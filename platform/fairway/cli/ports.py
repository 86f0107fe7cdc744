"""Is a port free, and if not, who has it?"""

import errno
import socket

from fairway.cli.failure import CONFLICT, USAGE, Failure


def require_free(host: str, port: int) -> None:
    """Raises Failure that names the program which listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise _explained(host, port, error) from error


def _explained(host: str, port: int, error: OSError) -> Failure:
    if error.errno == errno.EADDRINUSE:
        hint = f"End it, or choose another port: fairway up --port {port + 1} (make: FAIRWAY_PORT={port + 1} make up)."
        return Failure(f"Port {port} is in use by {_who(port)}", hint, code=CONFLICT)
    if error.errno in (errno.EACCES, errno.EPERM):
        return Failure(f"Port {port} needs more rights than you have", "Choose one above 1023.", code=USAGE)
    return Failure(f"Cannot listen on {host}:{port}: {error.strerror}", "Look at FAIRWAY_HOST.", code=USAGE)


def _who(port: int) -> str:
    import psutil

    try:
        for found in psutil.net_connections("tcp"):
            if found.status == psutil.CONN_LISTEN and found.laddr and found.laddr.port == port and found.pid:
                process = psutil.Process(found.pid)
                return f"{process.name()} (process {process.pid})"
    except psutil.Error:
        pass
    return "another program"
