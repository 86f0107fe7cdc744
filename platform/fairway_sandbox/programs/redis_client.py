"""Speaks to a Redis: as a module for the exporter, as a program in place of redis-cli."""

import argparse
import os
import socket
import sys
from typing import Any, BinaryIO


class RedisError(Exception):
    """The server's own refusal."""


class Redis:
    def __init__(self, host: str, port: int, password: str = "") -> None:
        self._socket = socket.create_connection((host, port), timeout=3)
        self._file: BinaryIO = self._socket.makefile("rb")
        if password:
            self.ask("AUTH", password)

    def ask(self, *words: str) -> Any:
        """The answer as text, number, list or None; raises RedisError."""
        parts = [word.encode() for word in words]
        self._socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
        return self._answer()

    def _answer(self) -> Any:
        line = self._file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the server closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RedisError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            size = int(rest)
            return None if size < 0 else self._file.read(size + 2)[:-2].decode(errors="replace")
        if kind == b"*":
            return [self._answer() for _ in range(int(rest))]
        return rest.decode()

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="redis-cli", add_help=False)
    parser.add_argument("-h", dest="host", default=os.environ.get("POD_IP", "127.0.0.1"))
    parser.add_argument("-p", dest="port", type=int, default=6379)
    parser.add_argument("-a", "--pass", dest="password", default=os.environ.get("REDISCLI_AUTH", ""))
    parser.add_argument("--no-auth-warning", action="store_true")
    parser.add_argument("words", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    try:
        print(Redis(options.host, options.port, options.password).ask(*(options.words or ["PING"])))
    except RedisError as error:
        print(f"(error) {error}")
    except OSError as error:
        sys.exit(f"Could not connect to Redis at {options.host}:{options.port}: {error}")


if __name__ == "__main__":
    main()
