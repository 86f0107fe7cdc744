"""How a trial goes on: claims, intents and outcomes, events, and its end. The workers' verbs.

Every write is conditional on the executor that holds the trial, so that one which lost its lease writes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, or_, select, update

from fairway.db.clock import now
from fairway.domain import audit, events, kill_switch
from fairway.domain.actor import SYSTEM
from fairway.errors import Conflict
from fairway.models import Intent, Resource, Service, Trial, TrialState

LEASE = timedelta(seconds=15)


class Lost(Conflict):
    """Another executor holds the trial."""


def waiting(session: Session) -> Sequence[str]:
    """Trials that nobody works on: queued ones, and those whose executor is silent."""
    query = select(Trial.id).where(
        col(Trial.ended_at).is_(None),
        or_(col(Trial.lease_expires_at).is_(None), col(Trial.lease_expires_at) < now()),
    )
    return session.exec(query.order_by(col(Trial.created_at))).all()


def claim(session: Session, trial_id: str, executor: str) -> Trial | None:
    """The trial, for this executor alone; None when somebody else has it or it has ended."""
    free = or_(
        col(Trial.lease_expires_at).is_(None),
        col(Trial.lease_expires_at) < now(),
    )
    values = {"executor": executor, "lease_expires_at": now() + LEASE}
    won = session.exec(
        update(Trial).where(col(Trial.id) == trial_id, col(Trial.ended_at).is_(None), free).values(values)
    )
    if won.rowcount == 0:
        return None
    trial = session.get_one(Trial, trial_id)
    session.refresh(trial)
    return trial


def renew(session: Session, trial_id: str, executor: str) -> bool:
    """False when the lease is lost."""
    kept = session.exec(
        update(Trial)
        .where(col(Trial.id) == trial_id, col(Trial.executor) == executor, col(Trial.ended_at).is_(None))
        .values(lease_expires_at=now() + LEASE)
    )
    return bool(kept.rowcount)


def reason_to_stop(session: Session, trial_id: str, executor: str) -> str:
    """Empty while no one has asked to end it, the kill switch is off and the lease is ours."""
    trial = session.get_one(Trial, trial_id)
    session.refresh(trial)
    if trial.executor != executor or trial.ended_at is not None:
        return "another executor has taken over"
    return trial.abort_reason or kill_switch.reason_to_stop(session)


def enter(session: Session, trial_id: str, executor: str, state: TrialState, t: float) -> None:
    values: dict[str, Any] = {"state": state}
    if state is TrialState.PREFLIGHT:
        values["started_at"] = now()
    trial = _write(session, trial_id, executor, values)
    tell(session, trial, "state", {"state": str(state), "t": t})


def intend(session: Session, trial_id: str, executor: str, pod: tuple[str, str], action: str, seconds: float) -> str:
    """pod: (name, uid). The caller has just asked `reason_to_stop` in the same transaction."""
    _write(session, trial_id, executor, {})
    row = Intent(
        trial_id=trial_id, pod=pod[0], uid=pod[1], action=action, deadline_at=now() + timedelta(seconds=seconds)
    )
    session.add(row)
    session.flush()
    return row.id


def settle(session: Session, intent_id: str, outcome: str, detail: str = "") -> None:
    """Only once: what is known stays."""
    session.exec(
        update(Intent)
        .where(col(Intent.id) == intent_id, col(Intent.outcome).is_(None))
        .values(outcome=outcome, detail=detail[:1000], outcome_at=now())
    )


def intents(session: Session, trial_id: str) -> Sequence[Intent]:
    return session.exec(select(Intent).where(Intent.trial_id == trial_id).order_by(col(Intent.created_at))).all()


def tell(session: Session, trial: Trial, kind: str, data: Mapping[str, Any]) -> None:
    """An event of the trial: `state`, `victim`, `ready`, `probes`, `done`; `abort` when somebody asks for that."""
    events.append(session, f"trial:{trial.id}", kind, data, resource_id=trial.resource_id)


def end(
    session: Session, trial_id: str, executor: str, summary: Mapping[str, Any], journal: Mapping[str, Any]
) -> Trial | None:
    """Closes it, with its documents; None when it is not ours any more. What ended it is in the audit trail."""
    ours = (col(Trial.id) == trial_id, col(Trial.executor) == executor, col(Trial.ended_at).is_(None))
    closed = session.exec(
        update(Trial)
        .where(*ours)
        .values(
            state=TrialState.ENDED,
            verdict=summary["verdict"],
            reason=str(summary.get("reason") or "")[:1000],
            score=summary.get("score"),
            summary=dict(summary),
            journal=dict(journal),
            ended_at=now(),
            lease_expires_at=None,
        )
    )
    trial = session.get_one(Trial, trial_id)
    session.refresh(trial)
    if closed.rowcount == 0:
        return None
    resource = session.get_one(Resource, trial.resource_id)
    service = session.get_one(Service, resource.service_id)
    audit.record(
        session,
        SYSTEM,
        "trial.end",
        ("trial", trial.id, resource.name),
        team_id=service.team_id,
        diff={"verdict": [None, trial.verdict]},
        comment=trial.reason,
    )
    done = {"state": "ended", "verdict": trial.verdict, "score": trial.score, "reason": trial.reason}
    tell(session, trial, "done", done)
    return trial


def _write(session: Session, trial_id: str, executor: str, values: Mapping[str, Any]) -> Trial:
    held = session.exec(
        update(Trial)
        .where(col(Trial.id) == trial_id, col(Trial.executor) == executor, col(Trial.ended_at).is_(None))
        .values(lease_expires_at=now() + LEASE, **values)
    )
    if held.rowcount == 0:
        raise Lost("Another executor has taken the trial over")
    trial = session.get_one(Trial, trial_id)
    session.refresh(trial)
    return trial
