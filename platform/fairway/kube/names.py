"""What a name means on this machine."""

import socket
import threading

PATIENCE = 3.0


def addresses(host: str, seconds: float = PATIENCE) -> set[str]:
    """All IP addresses of the name; none where it has none, or where nobody answers in time."""
    found: set[str] = set()

    def look() -> None:
        try:
            found.update(str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
        except OSError:
            return

    # The resolver has no timeout of its own that a caller could set.
    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(seconds)
    return set(found)
