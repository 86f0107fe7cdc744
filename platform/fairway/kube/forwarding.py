"""A forwarded port through the API server: the official package's websocket, as a socket of ours."""

import socket
from contextlib import suppress
from typing import Any

from kubernetes.stream.ws_client import PortForward, create_websocket, get_websocket_url
from websocket import WebSocketException

from fairway.kube import errors
from fairway.kube.transport import Transport


class _Forward(PortForward):
    def _proxy(self) -> None:
        """Ends quietly when either side leaves with data unread, as clients do."""
        try:
            with suppress(OSError, WebSocketException):
                super()._proxy()  # type: ignore[no-untyped-call]
        finally:
            self.websocket.shutdown()
            for port in self.local_ports.values():
                port.python.close()


class _Socket(socket.socket):
    def setsockopt(self, level: int, *option: Any) -> None:
        """What http.client sets on a TCP connection does not exist on this end of a pair."""
        if level != socket.IPPROTO_TCP:
            super().setsockopt(level, *option)


def forward(transport: Transport, path: str, port: int) -> socket.socket:
    """A connected socket; closing it ends the forwarding. Raises ClusterUnreachable."""
    configuration, authorization = transport.configuration, transport.authorization()
    url = get_websocket_url(configuration.host + path, [("ports", str(port))])  # type: ignore[no-untyped-call]
    headers = {"authorization": authorization} if authorization else {}
    try:
        websocket = create_websocket(configuration, url, headers)  # type: ignore[no-untyped-call]
    except (OSError, WebSocketException) as error:
        raise errors.ClusterUnreachable(f"Cannot forward to port {port}: {str(error)[:200]}") from error
    forwarded: Any = _Forward(websocket, [port])  # type: ignore[no-untyped-call]
    return _Socket(fileno=forwarded.socket(port).detach())
