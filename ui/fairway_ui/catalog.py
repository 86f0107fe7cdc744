"""The catalog: what a team can provision."""

from litestar import get
from litestar.response import Template

from fairway.domain import access
from fairway_ui import shell


@get("/catalog", sync_to_thread=True)
def show_catalog(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor) -> Template:
    access.require_scope(actor, "read", "read the catalog")
    with context.database.read() as session:
        return shell.page(request, session, "catalog.html", here="Catalog", offerings=list(context.catalog))


handlers = [show_catalog]
