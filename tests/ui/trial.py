"""A trial as a worker leaves it: two pods lost, one check missed, all of its events told."""

from typing import Any

from sqlmodel import Session

from fairway.domain import slos, trials
from fairway.domain import trial_progress as progress
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.models import Resource, Trial, TrialState

SPEC: dict[str, Any] = {
    "title": "Lose one",
    "action": {"method": "evict", "count": 1, "seed": 4711},
    "hypothesis": {"availability": 0.99, "recovery": 15},
    "baseline": 0,
    "after": 5,
}
KILLED, WHOLE, LASTS = 10.0, 21.84, 35.0


def begin(context: Context, actor: Actor, resource: Resource) -> Trial:
    with context.database.write() as session:
        return trials.request(context, session, actor, {"resource": resource.id, **SPEC})


def finish(context: Context, actor: Actor, resource: Resource) -> Trial:
    trial = begin(context, actor, resource)
    with context.database.write() as session:
        row = progress.claim(session, trial.id, "here")
        assert row is not None
        tell_all(session, row)
        summary = document(str(row.seed))
        summary["cost"] = slos.cost(session, row.resource_id, summary["availability"])
        journal = {"format": "x", **summary, "phases": {"ended": LASTS}, "samples": samples(0, LASTS), "gaps": []}
        progress.end(session, trial.id, "here", summary, journal)
    return trial


def tell_all(session: Session, row: Trial, until: float = LASTS) -> None:
    """The events up to a moment."""
    told: list[tuple[float, str, dict[str, Any]]] = [
        (0.0, "state", {"state": TrialState.PREFLIGHT}),
        (0.2, "state", {"state": TrialState.BASELINE}),
        (0.2, "ready", {"t": 0.2, "ready": 3, "desired": 3}),
        (9.9, "state", {"state": TrialState.INJECTING}),
        (KILLED, "victim", victim(None, None)),
        (10.1, "ready", {"t": 10.1, "ready": 2, "desired": 3}),
        (10.2, "state", {"state": TrialState.RECOVERING}),
        (WHOLE, "ready", {"t": WHOLE, "ready": 3, "desired": 3}),
        (31.9, "victim", victim(0.44, 11.4)),
        (32.0, "state", {"state": TrialState.SETTLING}),
        *((float(t + 1), "probes", {"samples": samples(t, t + 1)}) for t in range(int(LASTS))),
    ]
    for t, kind, data in sorted(told, key=lambda one: one[0]):
        if t > until:
            break
        if kind == "state":
            progress.enter(session, row.id, "here", data["state"], t)
        else:
            progress.tell(session, row, kind, data)


def samples(start: float, end: float) -> list[list[Any]]:
    found = []
    for number in range(round(start * 5), round(end * 5)):
        t = number / 5
        bad = KILLED <= t < 10.6
        found.append([t, 1.0 if bad else 30 + number % 7 * 5, "refused" if bad else "ok"])
    return found


def victim(reschedule: float | None, startup: float | None) -> dict[str, Any]:
    ttr = None if reschedule is None or startup is None else reschedule + startup
    return {
        "pod": "web-6c4b9-h7wzn",
        "uid": "uid-0",
        "node": "node-1",
        "method": "evict",
        "outcome": "killed",
        "detail": "",
        "killed_at": "2026-11-23T13:05:01+00:00",
        "t": KILLED,
        "replacement": "web-9" if ttr else None,
        "replacement_node": "node-2" if ttr else None,
        "recovery": {"reschedule": reschedule, "startup": startup, "ttr": ttr},
        "recovered": bool(ttr),
    }


def document(seed: str) -> dict[str, Any]:
    missed = check("availability", "during", "at least 99 %", "57 of 60 probes, 95.00 %", False, 0.0, 3)
    held = check("recovery", "during", "whole within 15 s", "11.84 s", True, 1.0, 3)
    unknown = check("latency", "after", "p95 after within 2 times p95 before", "not measured", None, None, 1)
    return {
        "verdict": "FAIL",
        "reason": "",
        "score": 66.7,
        "coverage": 0.6667,
        "seed": int(seed),
        "victims": [victim(0.44, 11.4)],
        "workload": {"ttr": 11.84, "limit": 120.0, "desired": 3, "ready": 3},
        "availability": {
            "ok": 57,
            "scheduled": 60,
            "not_sent": 0,
            "ratio": 0.95,
            "interval": [0.8630, 0.9829],
            "longest_outage": 0.4,
            "cadence": 0.2,
            "service_ttr": 1.2,
            "objective": 0.99,
            "burn": 5.0,
        },
        "latency": {"before": {"p50": 0.038, "p95": 0.061, "p99": 0.084}, "during": None, "after": None},
        "hypothesis": {
            "before": {"met": None, "checks": []},
            "during": {"met": False, "checks": [missed, held]},
            "after": {"met": None, "checks": [unknown]},
        },
        "started_at": "2026-11-23T13:04:31+00:00",
        "ended_at": "2026-11-23T13:05:06+00:00",
    }


def check(
    name: str, phase: str, asked: str, found: str, met: bool | None, points: float | None, weight: float
) -> dict[str, Any]:
    return {
        "name": name,
        "phase": phase,
        "asked": asked,
        "found": found,
        "met": met,
        "points": points,
        "weight": weight,
        "critical": False,
    }
