"""Which server, and as whom.

First --url and --token, then FAIRWAY_URL and FAIRWAY_TOKEN, then the platform of a data directory that was named, then
the login, then the platform of this machine. A token is sent to the server that it came with, to no other.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fairway.cli import config
from fairway.cli.failure import REFUSED, UNREACHABLE, Failure


@dataclass(frozen=True)
class Connection:
    """source: in words, where this came from."""

    url: str
    token: str
    source: str


def resolve(url: str, token: str, data_dir: Path, named: bool) -> Connection:
    """named: the data directory was chosen by --data-dir or FAIRWAY_DATA_DIR. Raises Failure."""
    url = (url or os.environ.get("FAIRWAY_URL", "")).rstrip("/")
    token = token or os.environ.get("FAIRWAY_TOKEN", "")
    known = list(_known(data_dir, named))
    if not url and not known:
        raise Failure(
            f"No platform runs from {data_dir}",
            "Start one with `fairway up`, or name a server with `fairway login URL`.",
            code=UNREACHABLE,
        )
    url = url or known[0].url
    match = next((c for c in known if c.url == url), None)
    if token:
        return Connection(url, token, "a token that was given")
    if match is None or not match.token:
        hint = f"`fairway login {url}` keeps one; scripts set FAIRWAY_TOKEN."
        raise Failure(f"There is no token for {url}", hint, code=REFUSED)
    return match


def _known(data_dir: Path, named: bool) -> Iterator[Connection]:
    here, login = local(data_dir), config.section("login")
    there = Connection(login["url"], login.get("token", ""), "fairway login") if login.get("url") else None
    for found in (here, there) if named else (there, here):
        if found is not None:
            yield found


def local(data_dir: Path) -> Connection | None:
    """The platform that last ran from this data directory, as its first admin."""
    try:
        server = json.loads((data_dir / "server.json").read_text())
        token = (data_dir / "keys" / "cli.token").read_text().strip()
        return Connection(str(server["url"]).rstrip("/"), token, f"the platform in {data_dir}")
    except (OSError, ValueError, KeyError, TypeError):
        return None
