"""One's own account."""

from litestar import get, post
from litestar.response import Redirect, Template

from fairway.domain import people, teams
from fairway.errors import FairwayError
from fairway_ui import shell
from fairway_ui.redirects import to


@get("/account", sync_to_thread=True)
def show_account(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor) -> Template:
    return _show(request, context, actor)


@post("/account/password", sync_to_thread=True)
def set_password(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, data: shell.Form
) -> Template | Redirect:
    try:
        with context.database.write() as session:
            people.set_password(session, actor, str(data.get("password", "")))
    except FairwayError as error:
        return _show(request, context, actor, error)
    return to("/account?saved=yes")


def _show(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, error: FairwayError | None = None
) -> Template:
    with context.database.read() as session:
        mine = [(team, actor.roles[team.id]) for team in teams.visible(session, actor) if team.id in actor.roles]
        return shell.page(
            request,
            session,
            "account.html",
            here="Account",
            error=error,
            person=people.by_id(session, actor.user_id),
            teams=mine,
            saved=request.query_params.get("saved") == "yes",
        )


handlers = [show_account, set_password]
