"""Service level objectives: all of them by what is left of their budgets, and the form on a resource's Health tab."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from fairway.domain import environments, resources, slos, standings
from fairway.domain.documents import SloDocument
from fairway.errors import FairwayError, FieldError, Invalid
from fairway_ui import health, shell
from fairway_ui.redirects import to

MOST = 500


@get("/slos", sync_to_thread=True)
def list_slos(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, environment: FromQuery[str] = ""
) -> Template:
    with context.database.read() as session:
        found = slos.visible(session, actor, environment=environment, limit=MOST + 1)
        promised = standings.promises(session, found[:MOST])
    rows = sorted(standings.documents(context, promised), key=_left)
    values: dict[str, Any] = {"slos": rows, "more": len(found) > MOST, "environment": environment}
    if shell.is_htmx(request):
        return shell.fragment(request, "slos/_live.html", **values)
    with context.database.read() as session:
        values["environments"] = environments.everywhere(session, actor)
        return shell.page(request, session, "slos/index.html", here="SLOs", **values)


@get("/resources/{ref:str}/slo", sync_to_thread=True)
def show_standing(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str]
) -> Template | Response[None]:
    """The part that is polled; nothing once it was removed."""
    with context.database.read() as session:
        row = resources.named(session, actor, ref)
    slo = health.objective(context, actor, row)
    if slo is None:
        return Response(None, status_code=204)
    return shell.fragment(request, "resources/_standing.html", slo=slo, base=f"/resources/{row.id}")


@post("/resources/{ref:str}/slo", sync_to_thread=True)
def set_slo(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str], data: shell.Form
) -> Template | Redirect:
    try:
        objective, days = _wanted(data)
        with context.database.write() as session:
            row = resources.named(session, actor, ref)
            slos.put(session, actor, row, objective, days, _version(data))
    except FairwayError as error:
        return _again(request, context, actor, ref, data, error)
    return to(f"/resources/{ref}/health#slo")


@post("/resources/{ref:str}/slo/removal", sync_to_thread=True)
def remove_slo(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, ref: FromPath[str], data: shell.Form
) -> Template | Redirect:
    try:
        with context.database.write() as session:
            slos.remove(session, actor, resources.named(session, actor, ref), _version(data))
    except FairwayError as error:
        return _again(request, context, actor, ref, {}, error)
    return to(f"/resources/{ref}/health#slo")


def _again(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    ref: str,
    data: dict[str, Any],
    error: FairwayError,
) -> Template:
    with context.database.read() as session:
        row = resources.named(session, actor, ref)
    given = {name: shell.text(data, name) for name in ("objective", "window_days")} if data else None
    return health.page(request, context, actor, row, error=error, given=given)


def _wanted(data: dict[str, Any]) -> tuple[float, int]:
    """(percent, days). Raises Invalid for what is no number; the verb knows which numbers may be."""
    objective, days, wrong = shell.text(data, "objective").rstrip(" %"), shell.text(data, "window_days"), []
    try:
        percent = float(objective)
    except ValueError:
        percent = 0.0
        wrong.append(FieldError("/objective", f"{objective!r} is no percentage, such as 99.9"))
    if not days.isdecimal() or len(days) > 4:
        wrong.append(FieldError("/window_days", f"{days!r} is no number of days, such as 28"))
    if wrong:
        raise Invalid("; ".join(field.detail for field in wrong), fields=wrong)
    return percent, int(days)


def _version(data: dict[str, Any]) -> int | None:
    """Of what the form showed; 0 where there was none yet."""
    version = shell.text(data, "version")
    return int(version) if version.isdecimal() and len(version) < 10 else None


def _left(slo: SloDocument) -> tuple[bool, float, str]:
    """Least left first; what nothing is known of comes last."""
    left = slo["budget"]["left_ratio"]
    return left is None, left or 0.0, slo["name"]


handlers = [list_slos, remove_slo, set_slo, show_standing]
