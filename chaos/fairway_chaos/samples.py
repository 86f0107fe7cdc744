"""Probe samples, and what their answers are called."""

from dataclasses import dataclass
from enum import StrEnum

CADENCE = 0.2
TIMEOUT = 1.0


class Answer(StrEnum):
    OK = "ok"
    STATUS = "status"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    RESET = "reset"
    DNS = "dns"
    TLS = "tls"
    NOT_SENT = "not_sent"
    """Our own fault: the slot passed without a probe."""


@dataclass(frozen=True)
class Sample:
    """scheduled and sent: monotonic seconds; latency from the slot, not from the sending, so that a late probe tells
    the wait that a user would have had."""

    scheduled: float
    sent: float
    latency: float
    answer: Answer

    @property
    def ok(self) -> bool:
        return self.answer is Answer.OK

    @property
    def bad(self) -> bool:
        return self.answer not in (Answer.OK, Answer.NOT_SENT)
