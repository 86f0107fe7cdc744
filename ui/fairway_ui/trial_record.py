"""What a trial's events tell, gathered: of a finished one, and of one that goes on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from fairway.domain import events
from fairway.models import Event, Trial

PAGE = 2000
Sample = tuple[float, float, str]


@dataclass
class Record:
    """Times in seconds since the trial's start. states: (state, t); ready: (t, ready, desired); samples: (t,
    milliseconds, answer); victims by UID, as in the trial's document; seq: of the last event that was fed."""

    states: dict[str, float] = field(default_factory=dict)
    ready: list[tuple[float, int, int]] = field(default_factory=list)
    victims: dict[str, dict[str, Any]] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    seq: int = 0

    def feed(self, event: Event) -> None:
        self.seq = event.seq or self.seq
        self.take(event.kind, event.data)

    def take(self, kind: str, data: Mapping[str, Any]) -> None:
        if kind == "state" and "t" in data:
            self.states[data["state"]] = data["t"]
        elif kind == "ready":
            self.ready.append((data["t"], data["ready"], data["desired"]))
        elif kind == "victim":
            self.victims[data["uid"]] = dict(data)
        elif kind == "probes":
            self.samples += [(t, ms, answer) for t, ms, answer in data["samples"]]

    @property
    def killed(self) -> list[dict[str, Any]]:
        """The victims that were killed at a known time, in that order."""
        return sorted((v for v in self.victims.values() if v.get("t") is not None), key=lambda v: float(v["t"]))

    @property
    def t0(self) -> float | None:
        """The first kill."""
        return min((float(v["t"]) for v in self.killed), default=None)

    @property
    def end(self) -> float:
        """The newest moment that something is known of."""
        times = [*self.states.values(), *(r[0] for r in self.ready[-1:]), *(s[0] for s in self.samples[-1:])]
        return max([*times, *(float(v["t"]) for v in self.killed), 0.0])


def read(session: Session, trial: Trial, until: int | None = None) -> Record:
    """From the events; samples and states from the journal where there is one, which has them all.

    until: the sequence number of the last event to take, and nothing from the journal then.
    """
    record = Record()
    for event in _events(session, trial.id):
        if until is not None and (event.seq or 0) > until:
            return record
        record.feed(event)
    if until is not None:
        return record
    journal = trial.journal or {}
    if journal.get("samples"):
        record.samples = [(t, ms, answer) for t, ms, answer in journal["samples"]]
    record.states |= {name: t for name, t in journal.get("phases", {}).items() if t is not None}
    record.victims |= {v["uid"]: v for v in (trial.summary or {}).get("victims", [])}
    return record


def recovered(record: Record, summary: Mapping[str, Any] | None) -> float | None:
    """When the workload was whole again; None while it is not, or is not known to be."""
    ttr = ((summary or {}).get("workload") or {}).get("ttr")
    return None if ttr is None or record.t0 is None else record.t0 + ttr


def _events(session: Session, trial_id: str) -> Iterable[Event]:
    seq = 0
    while True:
        rows = events.after(session, f"trial:{trial_id}", seq, limit=PAGE)
        yield from rows
        if len(rows) < PAGE:
            return
        seq = rows[-1].seq or 0
