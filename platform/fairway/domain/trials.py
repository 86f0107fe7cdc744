"""Trials, as people ask for them: preview, start, look, abort. What workers do is in `trial_progress`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import defer
from sqlmodel import Session, col, or_, select, update

from fairway.db.clock import now
from fairway.db.ids import short
from fairway.domain import access, audit, commits, events, experiments, kill_switch, resources, trial_rules
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.domain.trial_documents import TrialDocument, TrialPreviewDocument
from fairway.errors import Busy, Conflict, Invalid, NotFound, Unreachable
from fairway.kube.chaos import Target
from fairway.models import Environment, Resource, Role, Service, Trial, User
from fairway_chaos import Experiment, guards, preflight, reading
from fairway_chaos.errors import NoAnswer

JOURNAL: Any = Trial.journal
EXTRAS = ("confirm", "experiment", "service", "environment")
"""Fields beside the definition's own in what REST and CLI send."""


def preview(context: Context, actor: Actor, spec: Mapping[str, Any]) -> TrialPreviewDocument:
    """What a trial would do, looked up in the cluster: this verb waits for it, and holds no transaction meanwhile."""
    with context.database.read() as session:
        resource, experiment, _ = _wanted(session, actor, spec)
        trial_rules.check(session, actor, resource, experiment)
        experiment = trial_rules.settled(resource, experiment)
        holder, halted = living(session, resource.id), kill_switch.reason_to_stop(session)
        cluster_id = session.get_one(Environment, resource.environment_id).cluster_id
    seed = experiment.action.seed if experiment.action.seed is not None else reading.new_seed()
    target = Target(context.clusters.get(cluster_id), resource.namespace, resource.id)
    try:
        experiment = trial_rules.without_what_is_out_of_reach(experiment, target.reaches)
        found = preflight.look(experiment, target, seed, now())
    except NoAnswer as error:
        raise Unreachable(f"The cluster cannot be asked: {error}") from error
    locks = [
        preflight.Check("lock", "stop" if holder else "clear", _lock(holder)),
        preflight.Check("kill switch", "stop" if halted else "clear", halted or "Released"),
    ]
    return _preview(resource, experiment, seed, replace(found, checks=(*found.checks, *locks)))


def request(context: Context, session: Session, actor: Actor, spec: Mapping[str, Any]) -> Trial:
    """Starts one in the background. Raises Busy that names the trial which holds the resource."""
    resource, experiment, experiment_id = _wanted(session, actor, spec)
    trial_rules.check(session, actor, resource, experiment)
    trial_rules.check_confirmation(resource, experiment, str(spec.get("confirm") or ""))
    halted = kill_switch.reason_to_stop(session)
    if halted:
        raise Conflict(f"Trials are halted ({halted})", hint="An admin lets them go on with `fairway chaos resume`.")
    seed = experiment.action.seed if experiment.action.seed is not None else reading.new_seed()
    settled = trial_rules.settled(resource, experiment)
    settled = replace(settled, action=replace(settled.action, seed=seed))
    trial = Trial(
        resource_id=resource.id,
        experiment_id=experiment_id,
        definition=settled.document(),
        seed=seed,
        requested_by=actor.user_id,
    )
    holder = living(session, resource.id)
    if holder is not None:
        raise Busy(_lock(holder), hint="Wait until it has ended, or abort it.")
    try:
        with session.begin_nested():
            session.add(trial)
    except IntegrityError as error:
        raise Busy(f"Another trial of {resource.name} was started just now") from error
    team_id = resources.owner(session, resource)
    diff = {"method": [None, settled.action.method], "allow_outage": [None, settled.allow_outage], "seed": [None, seed]}
    audit.record(session, actor, "trial.start", ("trial", trial.id, resource.name), team_id=team_id, diff=diff)
    events.append(session, f"trial:{trial.id}", "state", {"state": "queued"}, resource_id=resource.id)
    commits.after_commit(session, lambda: context.wake_trial(trial.id))
    return trial


def visible(
    session: Session,
    actor: Actor,
    *,
    resource: Resource | None = None,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Sequence[Trial]:
    """Of the actor's teams, newest first, without their journals, which are long. before: (created_at, id)."""
    access.require_scope(actor, "read", "list trials")
    short_rows = select(Trial).options(defer(JOURNAL, raiseload=True))
    query = short_rows.order_by(col(Trial.created_at).desc(), col(Trial.id).desc()).limit(limit)
    if not actor.admin:
        query = query.where(col(Trial.resource_id).in_(trial_rules.resources_of(actor)))
    if resource is not None:
        query = query.where(Trial.resource_id == resource.id)
    if before:
        at, identity = before
        at_column = col(Trial.created_at)
        query = query.where(or_(at_column < at, (at_column == at) & (col(Trial.id) < identity)))
    return session.exec(query).all()


def named(session: Session, actor: Actor, ref: str) -> Trial:
    """By id, or the short one."""
    access.require_scope(actor, "read", "see trials")
    trial = session.get(Trial, ref)
    if trial is None and len(ref) == 8 and ref.isalnum():
        found = session.exec(select(Trial).where(col(Trial.id).like(f"%{ref}"))).all()
        trial = found[0] if len(found) == 1 else None
    if trial is not None:
        team_id = resources.owner(session, session.get_one(Resource, trial.resource_id))
        if actor.role_in(team_id) is not None:
            return trial
    raise NotFound(f"There is no trial {ref} of yours", hint="`fairway chaos list` shows them.")


def abort(session: Session, actor: Actor, trial: Trial, reason: str = "") -> Trial:
    """No further pod is killed; asking twice, or after its end, changes nothing."""
    resource = session.get_one(Resource, trial.resource_id)
    team_id = resources.owner(session, resource)
    access.require_role(actor, team_id, Role.MEMBER, f"abort trials on {resource.name}")
    said = f"{actor.name}: {reason.strip() or 'aborted'}"[:500]
    asked = session.exec(
        update(Trial)
        .where(col(Trial.id) == trial.id, col(Trial.ended_at).is_(None), col(Trial.abort_requested_at).is_(None))
        .values(abort_reason=said, abort_requested_at=now(), abort_requested_by=actor.user_id or None)
    )
    if asked.rowcount:
        audit.record(
            session, actor, "trial.abort", ("trial", trial.id, resource.name), team_id=team_id, comment=reason[:1000]
        )
        told = {"reason": said, "by": actor.name}
        events.append(session, f"trial:{trial.id}", "abort", told, resource_id=trial.resource_id)
        session.refresh(trial)
    return trial


def documents(session: Session, rows: Sequence[Trial]) -> list[TrialDocument]:
    """The stable document, also of a trial that has not ended: what it does not know yet is null."""
    ids = {row.resource_id for row in rows}
    query = (
        select(Resource.id, Resource.name, Service.name, Environment.name)
        .join(Service, col(Service.id) == Resource.service_id)
        .join(Environment, col(Environment.id) == Resource.environment_id)
        .where(col(Resource.id).in_(ids))
    )
    places = {identity: (name, service, place) for identity, name, service, place in session.exec(query).all()}
    people = {
        user.id: user.name
        for user in session.exec(select(User).where(col(User.id).in_({row.requested_by for row in rows}))).all()
    }
    return [_document(row, *places[row.resource_id], people.get(row.requested_by, "")) for row in rows]


def document(session: Session, row: Trial) -> TrialDocument:
    return documents(session, [row])[0]


def journal(row: Trial) -> dict[str, Any]:
    """Everything it saw. Raises NotFound before its end."""
    if row.journal is None:
        raise NotFound("The journal is written when the trial has ended", hint="Follow its events meanwhile.")
    return {"id": row.id, **row.journal}


def living(session: Session, resource_id: str) -> Trial | None:
    return session.exec(select(Trial).where(Trial.resource_id == resource_id, col(Trial.ended_at).is_(None))).first()


def _wanted(session: Session, actor: Actor, spec: Mapping[str, Any]) -> tuple[Resource, Experiment, str | None]:
    """From an inline definition, or from a kept experiment that `experiment` names."""
    definition = {name: value for name, value in spec.items() if name not in EXTRAS}
    kept = None
    if spec.get("experiment"):
        kept = experiments.named(session, actor, str(spec["experiment"]))
        wrong = sorted(set(definition) - {"allow_outage", "seed"})
        if wrong:
            raise Invalid.field(f"/{wrong[0]}", f"A kept experiment says {wrong[0]} itself; leave it out")
        drawn = {"seed": definition.pop("seed")} if "seed" in definition else {}
        definition = {**kept.definition, **definition, "action": {**kept.definition["action"], **drawn}}
    experiment = trial_rules.read(definition)
    place = (str(spec.get("service") or ""), str(spec.get("environment") or ""))
    resource = resources.named(session, actor, experiment.resource, *place)
    return resource, experiment, kept.id if kept else None


def _lock(holder: Trial | None) -> str:
    if holder is None:
        return "No other trial holds it"
    return f"The trial {short(holder.id)} holds it since {holder.created_at:%H:%M:%S} UTC"


def _preview(resource: Resource, experiment: Experiment, seed: int, found: preflight.Preflight) -> TrialPreviewDocument:
    picks = {pod.uid for pod in found.choice.picks} if found.choice else set()
    workload = found.snapshot.workload
    return {
        "resource": resource.id,
        "name": resource.name,
        "seed": seed,
        "method": experiment.action.method,
        "definition": experiment.document(),
        "workload": {
            "kind": workload.kind,
            "desired": workload.desired,
            "ready": len(found.snapshot.ready),
            "ceiling": guards.ceiling(workload.desired),
        },
        "pods": [
            {
                "pod": pod.name,
                "uid": pod.uid,
                "node": pod.node,
                "ready": pod.ready,
                "restarts": pod.restarts,
                "created_at": pod.created_at.isoformat() if pod.created_at else None,
                "victim": pod.uid in picks,
            }
            for pod in sorted(found.snapshot.pods, key=lambda p: p.name)
        ],
        "excluded": [{"pod": e.pod.name, "reason": e.reason} for e in found.choice.excluded] if found.choice else [],
        "checks": [{"name": c.name, "state": c.state, "detail": c.detail} for c in found.checks],
        "refusal": found.refusal,
        "takes_all_down": found.takes_all_down,
        "confirm": resource.name if found.takes_all_down or experiment.allow_outage else None,
    }


def _document(row: Trial, name: str, service: str, environment: str, requested_by: str) -> TrialDocument:
    unknown: dict[str, Any] = {
        "verdict": row.verdict,
        "reason": row.reason,
        "score": row.score,
        "coverage": None,
        "seed": row.seed,
        "victims": [],
        "workload": {"ttr": None},
        "availability": None,
        "hypothesis": {"before": None, "during": None, "after": None},
        "started_at": row.started_at.isoformat() if row.started_at else None,
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
    }
    found: Any = {
        "id": row.id,
        "state": "aborting" if row.abort_requested_at and row.ended_at is None else str(row.state),
        "resource": row.resource_id,
        "name": name,
        "service": service,
        "environment": environment,
        "experiment": row.experiment_id,
        "title": row.definition.get("title") or f"Kill pods of {name}",
        "method": row.definition.get("action", {}).get("method"),
        "allow_outage": bool(row.definition.get("allow_outage")),
        "requested_by": requested_by,
        "created_at": row.created_at.isoformat(),
        **unknown,
        **(row.summary or {}),
    }
    document: TrialDocument = found
    return document
