"""How service level objectives stand, read from the history; no transaction is open while it is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from fairway.db.clock import now
from fairway.domain.context import Context
from fairway.domain.documents import SloDocument
from fairway.errors import Unreachable
from fairway.health import Histories
from fairway.health.objectives import SHOWN, SPANS, Objective, Standing, stand
from fairway.health.series import Served
from fairway.models import Environment, Resource, Service, Slo, User


@dataclass(frozen=True)
class Promise:
    """An objective with whose it is. service, environment and set_by by name; until: when it was destroyed, or now."""

    slo: Slo
    resource: Resource
    service: str
    environment: str
    set_by: str | None
    until: datetime

    @property
    def objective(self) -> Objective:
        return Objective(self.slo.ratio, self.slo.window)


def promises(session: Session, rows: Sequence[Slo]) -> list[Promise]:
    """In the order of rows."""
    query = (
        select(Resource, Service.name, Environment.name)
        .join(Service, col(Service.id) == Resource.service_id)
        .join(Environment, col(Environment.id) == Resource.environment_id)
        .where(col(Resource.id).in_([row.resource_id for row in rows]))
    )
    places = {resource.id: (resource, service, place) for resource, service, place in session.exec(query).all()}
    people = session.exec(select(User).where(col(User.id).in_({row.set_by for row in rows if row.set_by}))).all()
    names, at = {user.id: user.name for user in people}, now()
    found = []
    for row in rows:
        resource, service, environment = places[row.resource_id]
        by = names.get(row.set_by or "")
        found.append(Promise(row, resource, service, environment, by, resource.destroyed_at or at))
    return found


def documents(context: Context, promised: Sequence[Promise], silent: str = "") -> list[SloDocument]:
    """In the order of promised. A history that does not answer leaves them `unknown`, and says why in `silent`; give
    that where it is known already, and it is not asked."""
    try:
        found = {} if silent else measure(context.history, promised)
    except Unreachable as error:
        found, silent = {}, error.detail
    nothing = Standing(None, None, None, None, dict.fromkeys(SHOWN), "unknown")
    source = context.history.source
    return [_document(one, found.get(one.slo.id, nothing), source, silent) for one in promised]


def measure(history: Histories, promised: Sequence[Promise]) -> dict[str, Standing]:
    """By the SLO's id. One question for each span and end, whatever the number of objectives. May raise Unreachable."""
    asked: dict[tuple[float, datetime], list[str]] = {}
    for one in promised:
        for span in {one.objective.window, *SPANS.values()}:
            asked.setdefault((span, one.until), []).append(one.resource.id)
    told = {
        (span, until): history.served(ids, until - timedelta(seconds=span), until)
        for (span, until), ids in asked.items()
    }
    return {one.slo.id: _standing(one, told) for one in promised}


def _standing(one: Promise, told: Mapping[tuple[float, datetime], Mapping[str, Served]]) -> Standing:
    def served(span: float) -> Served:
        return told[span, one.until].get(one.resource.id, Served())

    age = (one.until - one.resource.created_at).total_seconds()
    return stand(one.objective, served(one.objective.window), {name: served(s) for name, s in SPANS.items()}, age)


def _document(one: Promise, found: Standing, source: str, silent: str) -> SloDocument:
    return {
        "resource": one.resource.id,
        "name": one.resource.name,
        "service": one.service,
        "environment": one.environment,
        "objective": one.slo.objective,
        "window_days": one.slo.window_days,
        "ratio": _rounded(found.ratio, 6),
        "coverage": _rounded(found.coverage, 4),
        "budget": {
            "seconds": round(one.objective.budget, 1),
            "spent": _rounded(found.spent, 1),
            "left_ratio": _rounded(found.left_ratio, 4),
        },
        "burn": {name: _rounded(rate, 2) for name, rate in found.burn.items()},
        "state": found.state,
        "source": source,
        "silent": silent,
        "set_by": one.set_by,
        "set_at": one.slo.set_at.isoformat(),
        "version": one.slo.version,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
