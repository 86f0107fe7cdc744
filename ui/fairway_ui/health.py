"""The Health tab of a resource: why it is as it is, and its charts, by spans."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from litestar.response import Template
from sqlmodel import Session

from fairway.db.clock import now
from fairway.domain import resources, runs, slos, standings, trials
from fairway.domain.actor import Actor
from fairway.domain.documents import SloDocument
from fairway.errors import FairwayError, Invalid, NotFound, Unreachable
from fairway.models import Operation, Resource
from fairway_ui import charts, figures, shell
from fairway_ui.resources import tab

SPANS = {"15m": timedelta(minutes=15), "6h": timedelta(hours=6), "7d": timedelta(days=7)}
SHOWS = (Operation.UPDATE, Operation.ROLLBACK, Operation.CREATE)


@get("/resources/{ref:str}/health", sync_to_thread=True)
def show_health(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    ref: FromPath[str],
    since: FromQuery[str] = "15m",
) -> Template:
    with context.database.read() as session:
        row = resources.named(session, actor, ref)
    if not shell.is_htmx(request):
        return page(request, context, actor, row, since)
    values = _drawn(context, row, since)
    with context.database.read() as session:
        marks = _marks(session, actor, row, now() - _span(since))
        shown = resources.document(session, row)
        return shell.fragment(request, "resources/_figures.html", resource=shown, marks=marks, apart=True, **values)


def page(
    request: shell.ARequest,
    context: shell.AContext,
    actor: Actor,
    row: Resource,
    since: str = "15m",
    error: FairwayError | None = None,
    given: dict[str, Any] | None = None,
) -> Template:
    """error and given: of the objective's form, shown again."""
    values = _drawn(context, row, since)
    slo = objective(context, actor, row, values["silent"])
    kept = (
        {"objective": f"{slo['objective']:g}", "window_days": slo["window_days"]}
        if slo
        else {"window_days": slos.WINDOW_DAYS}
    )
    with context.database.read() as session:
        values["marks"] = _marks(session, actor, row, now() - _span(since))
        form = {"slo": slo, "given": given or kept, "error": error}
        return tab(request, context, session, actor, row, "health", apart=False, **form, **values)


def objective(context: shell.AContext, actor: Actor, row: Resource, silent: str = "") -> SloDocument | None:
    """How it stands; None where none is set. silent: why the history is not to be asked."""
    try:
        with context.database.read() as session:
            promised = standings.promises(session, [slos.of(session, actor, row)])
    except NotFound:
        return None
    return standings.documents(context, promised, silent)[0]


@get("/resources/{ref:str}/health/series", sync_to_thread=True)
def series(
    context: shell.AContext, actor: shell.AnActor, ref: FromPath[str], since: FromQuery[str] = "15m"
) -> Response[dict[str, Any]]:
    """As columns, for the script that draws: `{charts: [{name, unit, step, said, sentence, series}], marks}`."""
    with context.database.read() as session:
        row = resources.named(session, actor, ref)
    found = figures.of(context, row, _span(since))
    with context.database.read() as session:
        marks = _marks(session, actor, row, now() - _span(since))
    sent = [{**chart, **{k: charts.figures(chart)[k] for k in ("said", "sentence")}} for chart in found]
    return Response({"charts": sent, "marks": marks}, headers=shell.NO_STORE)


@get("/resources/{ref:str}/figures", sync_to_thread=True)
def show_key_figures(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]
) -> Template:
    """The small charts of the overview, polled."""
    with context.database.read() as session:
        row = resources.named(session, actor, ref)
    return shell.fragment(
        request, "resources/_key_figures.html", base=f"/resources/{row.id}", **figures.key(context, row)
    )


def _drawn(context: shell.AContext, row: Resource, since: str) -> dict[str, Any]:
    silent, found = "", []
    try:
        found = figures.of(context, row, _span(since))
    except Unreachable as error:
        silent = error.detail
    return {
        "charts": [(chart, charts.figures(chart), charts.draw(chart)) for chart in found],
        "silent": silent,
        "spans": list(SPANS),
        "since": since,
        "reasons": (row.health or {}).get("reasons", []),
        "base": f"/resources/{row.id}",
    }


def _marks(session: Session, actor: Actor, row: Resource, since: datetime) -> list[dict[str, Any]]:
    """Runs that changed it and trials, since then, oldest first: `{at, kind, label, url}`, at in epoch seconds."""
    found = []
    for run in runs.documents(session, runs.visible(session, actor, resource=row, limit=50)):
        if run["operation"] in SHOWS and run["state"] == "succeeded":
            found.append(_mark(run["created_at"], "deploy", str(run["operation"]).capitalize(), f"/runs/{run['id']}"))
    for trial in trials.documents(session, trials.visible(session, actor, resource=row, limit=50)):
        at = trial["started_at"] or trial["created_at"]
        found.append(_mark(at, "chaos", f"Trial: {trial['title']}", f"/trials/{trial['id']}"))
    return sorted((mark for mark in found if mark["at"] >= since.timestamp()), key=lambda mark: float(mark["at"]))


def _mark(at: str | datetime, kind: str, label: str, url: str) -> dict[str, Any]:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return {"at": moment.timestamp(), "time": moment.isoformat(), "kind": kind, "label": label, "url": url}


def _span(since: str) -> timedelta:
    if since not in SPANS:
        raise Invalid.field("/since", f"{since!r} is none of {', '.join(SPANS)}")
    return SPANS[since]


handlers = [show_health, series, show_key_figures]
