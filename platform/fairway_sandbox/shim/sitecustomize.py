"""Inside a pod, `localhost` and "every address" mean the pod's own address: for Python programs, by this shim."""

import os
import socket
from typing import Any

_OWN = os.environ.get("POD_IP")
_LOCAL = ("", "0.0.0.0", "127.0.0.1", "localhost", "::", "::1")


def _own(one: socket.socket, address: Any) -> Any:
    if one.family == socket.AF_INET and isinstance(address, tuple) and address[0] in _LOCAL:
        return (_OWN, *address[1:])
    return address


if _OWN:
    _bind, _connect, _connect_ex = socket.socket.bind, socket.socket.connect, socket.socket.connect_ex
    _getaddrinfo = socket.getaddrinfo

    def _shimmed_bind(self: socket.socket, address: Any) -> None:
        _bind(self, _own(self, address))

    def _shimmed_connect(self: socket.socket, address: Any) -> None:
        _connect(self, _own(self, address))

    def _shimmed_connect_ex(self: socket.socket, address: Any) -> int:
        return _connect_ex(self, _own(self, address))

    def _shimmed_getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:
        return _getaddrinfo(_OWN if host in _LOCAL else host, *rest, **named)

    socket.socket.bind = _shimmed_bind  # type: ignore
    socket.socket.connect = _shimmed_connect  # type: ignore
    socket.socket.connect_ex = _shimmed_connect_ex  # type: ignore
    socket.getaddrinfo = _shimmed_getaddrinfo
