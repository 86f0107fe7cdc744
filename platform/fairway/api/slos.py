"""Service level objectives: the list, and the one of a resource."""

from typing import Any

import msgspec
from litestar import Request, Response, delete, get, put
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.types import ControllerRouterHandler

from fairway.api.dependencies import AContext, AnActor
from fairway.api.etags import AVersion, etag
from fairway.api.paging import check_limit, page, read_cursor
from fairway.domain import resources, slos, standings
from fairway.domain.context import Context
from fairway.domain.documents import SloDocument
from fairway.domain.standings import Promise


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """objective: percent, above 50 and below 100, with three decimals at most; window_days: 1 to 90."""

    objective: float
    window_days: int = slos.WINDOW_DAYS


@get("/slos", sync_to_thread=True, tags=["resources"])
def list_slos(
    context: AContext,
    actor: AnActor,
    request: Request[Any, Any, Any],
    service: FromQuery[str] = "",
    environment: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Response[list[SloDocument]]:
    """Of living resources, newest first, each with how it stands."""
    most, before = check_limit(limit), read_cursor(cursor)
    with context.database.read() as session:
        found = slos.visible(session, actor, service=service, environment=environment, before=before, limit=most + 1)
        rows, link = page(request, found, most, lambda row: row.created_at)
        promised = standings.promises(session, rows)
    return Response(standings.documents(context, promised), headers=link)


@get("/resources/{ref:str}/slo", sync_to_thread=True, tags=["resources"])
def get_slo(context: AContext, actor: AnActor, ref: FromPath[str]) -> Response[SloDocument]:
    """How it stands now; of a destroyed resource, how it stood at its end. 404 where none is set."""
    with context.database.read() as session:
        row = slos.of(session, actor, resources.named(session, actor, ref))
        promised = standings.promises(session, [row])
    return _answer(context, promised)


@put("/resources/{ref:str}/slo", sync_to_thread=True, tags=["resources"])
def set_slo(
    context: AContext, actor: AnActor, version: AVersion, ref: FromPath[str], data: JSONBody[Wanted]
) -> Response[SloDocument]:
    """Sets it or changes it."""
    with context.database.write() as session:
        resource = resources.named(session, actor, ref)
        row = slos.put(session, actor, resource, data.objective, data.window_days, version)
        promised = standings.promises(session, [row])
    return _answer(context, promised)


@delete("/resources/{ref:str}/slo", sync_to_thread=True, tags=["resources"])
def remove_slo(context: AContext, actor: AnActor, version: AVersion, ref: FromPath[str]) -> None:
    """What was measured stays."""
    with context.database.write() as session:
        slos.remove(session, actor, resources.named(session, actor, ref), version)


def _answer(context: Context, promised: list[Promise]) -> Response[SloDocument]:
    return Response(standings.documents(context, promised)[0], headers=etag(promised[0].slo.version))


routes: list[ControllerRouterHandler] = [get_slo, list_slos, remove_slo, set_slo]
