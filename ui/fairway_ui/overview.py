"""The overview: what needs a person first."""

from litestar import get
from litestar.response import Template

from fairway.domain import environments, services, teams
from fairway_ui import shell


@get("/", sync_to_thread=True)
def show_overview(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor) -> Template:
    with context.database.read() as session:
        rows = services.visible(session, actor)
        return shell.page(
            request,
            session,
            "overview/first_run.html",
            here="Overview",
            services=rows,
            environments=environments.everywhere(session, actor),
            clusters=environments.clusters(session, actor),
            teams=teams.visible(session, actor),
        )


handlers = [show_overview]
