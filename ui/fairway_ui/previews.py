"""Previews: the panel beside a form, and the page on which a change is confirmed."""

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from fairway.domain import previews, provisioning, resources
from fairway.domain.documents import PreviewDocument
from fairway.errors import FairwayError
from fairway.models import Resource
from fairway_ui import shell
from fairway_ui.redirects import to

COMPUTING = "computing"


def panel(
    request: shell.ARequest, document: PreviewDocument | None, error: FairwayError | None = None, asks: str = ""
) -> Template:
    return shell.fragment(
        request,
        "previews/_panel.html",
        preview=document,
        error=error,
        errors=shell.field_errors(error),
        asks=asks,
    )


@get("/previews/{identity:str}/panel", sync_to_thread=True)
def show_panel(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, identity: FromPath[str]
) -> Template:
    with context.database.read() as session:
        return panel(request, previews.document(previews.named(session, actor, identity)))


@get("/previews/{identity:str}", sync_to_thread=True)
def show_preview(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, identity: FromPath[str]
) -> Template:
    return _show(request, context, actor, identity)


@post("/previews/{identity:str}/confirmation", sync_to_thread=True)
def confirm(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    identity: FromPath[str],
    data: shell.Form,
) -> Template | Redirect:
    try:
        with context.database.write() as session:
            row = previews.named(session, actor, identity)
            run = provisioning.request(
                context,
                session,
                actor,
                previews.wish_of(row),
                preview=row,
                confirm=shell.text(data, "confirm"),
                reason=shell.text(data, "reason"),
            )
    except FairwayError as error:
        return _show(request, context, actor, identity, error)
    return to(f"/runs/{run.id}")


@post("/previews/{identity:str}/renewal", sync_to_thread=True)
def renew(context: shell.AContext, actor: shell.AnActor, identity: FromPath[str]) -> Redirect:
    """The same wish, looked at again."""
    with context.database.write() as session:
        wish = previews.wish_of(previews.named(session, actor, identity))
        return to(f"/previews/{previews.ask(context, session, actor, wish).id}")


def _show(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    identity: str,
    error: FairwayError | None = None,
) -> Template:
    with context.database.read() as session:
        row = previews.named(session, actor, identity)
        found = session.get(Resource, row.resource_id) if row.resource_id else None
        return shell.page(
            request,
            session,
            "previews/show.html",
            here="Resources",
            error=error,
            preview=previews.document(row),
            resource=resources.document(session, found) if found else None,
            headers={**shell.NO_STORE, **({"Refresh": "2"} if str(row.state) == COMPUTING else {})},
        )


handlers = [show_panel, show_preview, confirm, renew]
