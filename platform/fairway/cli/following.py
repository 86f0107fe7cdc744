"""Following what the server works on, over server-sent events, until it is over."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from fairway.cli.board import Board
from fairway.cli.caller import Caller
from fairway.cli.client import Event
from fairway.cli.failure import INTERRUPTED, UNREACHABLE, Failure

PATIENCE = 120.0


def follow(
    caller: Caller,
    path: str,
    board: Board,
    *,
    is_over: Callable[[Mapping[str, Any]], bool],
    is_last: Callable[[Event], bool],
    goes_on: tuple[str, str],
) -> dict[str, Any]:
    """The document at `path` once it is over. A server that restarts is waited for. goes_on: what Ctrl-C leaves
    behind, and what to do about it."""
    since, lost = "", 0.0
    try:
        while True:
            try:
                for event in caller.client.events(f"{path}/events", since):
                    since, lost = event.id or since, 0.0
                    board.show(event)
                    if is_last(event):
                        break
                found: dict[str, Any] = caller.client.get(path)
                if is_over(found):
                    return found
                time.sleep(0.2)
            except Failure as failure:
                if failure.code != UNREACHABLE:
                    raise
                lost = lost or time.monotonic()
                if time.monotonic() - lost > PATIENCE:
                    raise
                board.line("the server does not answer; trying again")
                time.sleep(1.0)
    except KeyboardInterrupt as stop:
        raise Failure(*goes_on, code=INTERRUPTED) from stop
    finally:
        board.clear()
