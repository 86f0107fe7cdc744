"""Waiting for what will come back: how long, how often, and saying why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fairway.db.clock import now
from fairway.errors import Failed, Unreachable
from fairway_stacks.port import ClusterUnreachable, StackLocked

WORTH_WAITING = (ClusterUnreachable, StackLocked, Unreachable)


@dataclass(frozen=True)
class Patience:
    """In seconds: the first pause, the longest one, and after how long it is given up."""

    first: float = 2.0
    longest: float = 30.0
    altogether: float = 24 * 3600.0

    def pause(self, tries: int) -> float:
        """Doubles from try to try (the first is 0)."""
        return float(min(self.first * 2.0 ** min(tries, 20), self.longest))


def waiting(error: Exception, since: datetime, pause: float, patience: Patience) -> dict[str, Any]:
    """Run.waiting: `{code, message, cause, since, next_try_at, deadline_at}`."""
    return {
        "code": _code(error),
        "message": _sentence(error),
        "cause": str(error),
        "since": since.isoformat(),
        "next_try_at": (now() + timedelta(seconds=pause)).isoformat(),
        "deadline_at": (since + timedelta(seconds=patience.altogether)).isoformat(),
    }


def is_over(since: datetime, patience: Patience) -> bool:
    return now() - since > timedelta(seconds=patience.altogether)


def given_up(error: Exception, patience: Patience) -> Failed:
    return Failed(f"Waited for {patience.altogether / 3600:g} hours in vain: {error}", hint="Retry when it is back.")


def same_reason(one: Mapping[str, Any] | None, other: Mapping[str, Any]) -> bool:
    return one is not None and one["code"] == other["code"] and one["cause"] == other["cause"]


def _code(error: Exception) -> str:
    if isinstance(error, ClusterUnreachable):
        return "cluster-unreachable"
    if isinstance(error, StackLocked):
        return "stack-locked"
    return getattr(error, "code", "unreachable")


def _sentence(error: Exception) -> str:
    if isinstance(error, ClusterUnreachable):
        return "The cluster does not answer; the run goes on as soon as it does"
    if isinstance(error, StackLocked):
        return "Another operation holds the stack; the run goes on when that has ended"
    return str(error)
