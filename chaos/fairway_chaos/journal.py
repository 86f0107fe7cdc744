"""The journal: everything that a trial saw, as plain JSON. Times `t` are seconds since its start."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from fairway_chaos import availability
from fairway_chaos.checks import AFTER, BEFORE, DURING
from fairway_chaos.killing import Kill, Outcome
from fairway_chaos.recovery import PodRecovery
from fairway_chaos.result import Result
from fairway_chaos.samples import CADENCE, Sample

FORMAT = "fairway.dev/journal/1"


def document(result: Result) -> dict[str, Any]:
    """The whole journal; `summary` is a part of it."""
    return {
        "format": FORMAT,
        "experiment": result.experiment.document(),
        **summary(result),
        "preflight": preflight(result),
        "phases": {name: _round(at) for name, at in result.phases.items()},
        "checks": [check(c) for c in result.checks],
        "gaps": [{"t": _since(result, at), "detail": detail} for at, detail in result.gaps],
        "samples": samples(result, result.samples),
    }


def summary(result: Result) -> dict[str, Any]:
    """The stable document of a trial, without its id."""
    recoveries: Sequence[PodRecovery | None] = result.recoveries or [None] * len(result.kills)
    return {
        "verdict": result.verdict,
        "reason": result.reason,
        "score": None if result.score is None else round(result.score, 1),
        "coverage": round(result.coverage, 4),
        "seed": result.seed,
        "victims": [victim(result, kill, found) for kill, found in zip(result.kills, recoveries, strict=True)],
        "workload": {
            "ttr": _round(result.ttr),
            "limit": result.experiment.duration,
            "desired": result.desired,
            "ready": result.ready,
        },
        "availability": _availability(result),
        "latency": {phase: _latency(part) for phase, part in result.parts().items()},
        "hypothesis": {phase: _phase(result, phase) for phase in (BEFORE, DURING, AFTER)},
        "started_at": result.started_at.isoformat(),
        "ended_at": result.ended_at.isoformat() if result.ended_at else None,
    }


def victim(result: Result, kill: Kill, recovery: PodRecovery | None) -> dict[str, Any]:
    at = None if kill.at is None else result.started_at + timedelta(seconds=kill.at - result.started)
    found = recovery or PodRecovery()
    return {
        "pod": kill.pod.name,
        "uid": kill.pod.uid,
        "node": kill.pod.node,
        "method": kill.method,
        "outcome": kill.outcome,
        "detail": kill.detail,
        "killed_at": at.isoformat() if at else None,
        "t": None if kill.at is None else _since(result, kill.at),
        "replacement": found.replacement,
        "replacement_node": found.node,
        "recovery": {
            "reschedule": _round(found.reschedule),
            "startup": _round(found.startup),
            "ttr": _round(found.ttr),
        },
        "recovered": found.ttr is not None if kill.outcome is Outcome.KILLED else None,
    }


def samples(result: Result, part: Sequence[Sample]) -> list[list[Any]]:
    """`[t, milliseconds, answer]` each."""
    return [[_since(result, s.scheduled), round(s.latency * 1000, 1), str(s.answer)] for s in part]


def check(found: Any) -> dict[str, Any]:
    return {
        "name": found.name,
        "phase": found.phase,
        "asked": found.asked,
        "found": found.found,
        "met": found.met,
        "points": _round(found.points),
        "weight": found.weight,
        "critical": found.critical,
    }


def preflight(result: Result) -> dict[str, Any] | None:
    found = result.preflight
    if found is None:
        return None
    return {
        "checks": [{"name": c.name, "state": c.state, "detail": c.detail} for c in found.checks],
        "candidates": [pod.name for pod in found.choice.candidates] if found.choice else [],
        "excluded": [{"pod": e.pod.name, "reason": e.reason} for e in found.choice.excluded] if found.choice else [],
        "picks": [pod.name for pod in found.choice.picks] if found.choice else [],
    }


def _availability(result: Result) -> dict[str, Any] | None:
    found = result.availability
    if found is None or found.interval is None or found.ratio is None:
        return None
    objective = result.experiment.hypothesis.availability
    return {
        "ok": found.ok,
        "scheduled": found.scheduled,
        "not_sent": found.not_sent,
        "ratio": round(found.ratio, 6),
        "interval": [round(edge, 6) for edge in found.interval],
        "longest_outage": _round(found.longest_outage),
        "cadence": CADENCE,
        "service_ttr": _round(found.service_ttr),
        "objective": objective,
        "burn": None if objective is None else _round(found.burn(objective)),
    }


def _latency(part: Sequence[Sample]) -> dict[str, float] | None:
    found = availability.latency(part)
    return {"p50": round(found.p50, 4), "p95": round(found.p95, 4), "p99": round(found.p99, 4)} if found else None


def _phase(result: Result, phase: str) -> dict[str, Any]:
    """met: whether all evaluated checks of the phase are, None when there is none."""
    found = [c for c in result.checks if c.phase == phase]
    known = [c.met for c in found if c.met is not None]
    return {"met": all(known) if known else None, "checks": [check(c) for c in found]}


def _since(result: Result, at: float) -> float:
    return round(at - result.started, 3)


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
