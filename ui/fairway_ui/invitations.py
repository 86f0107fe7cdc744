"""Joining a team by the link that an owner handed over."""

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from fairway.domain import invitations, signin
from fairway.domain.actor import Actor
from fairway.errors import FairwayError, NotFound
from fairway_ui import shell
from fairway_ui.redirects import to
from fairway_ui.sign_in import session_cookie

OPEN = {"public": True}


@get("/invitations/{secret:str}", opt=OPEN, sync_to_thread=True)
def show_invitation(request: shell.ARequest, context: shell.AContext, secret: FromPath[str]) -> Template:
    return _form(request, context, secret, {})


@post("/invitations/{secret:str}", opt=OPEN, sync_to_thread=True)
def accept_invitation(
    request: shell.ARequest, context: shell.AContext, secret: FromPath[str], data: shell.Form
) -> Template | Response[None] | Redirect:
    actor = request.scope.get("user")
    if isinstance(actor, Actor):
        with context.database.write() as session:
            _, team = invitations.open_one(session, secret)
            invitations.accept(session, actor, secret)
        return to(f"/teams/{team.name}")
    try:
        with context.database.write() as session:
            password = str(data.get("password", ""))
            full_name = shell.text(data, "full_name")
            user = invitations.accept_new(session, secret, shell.text(data, "name"), password, full_name=full_name)
            signed_in = signin.open_for(session, user, "session.open_by_invitation")
    except NotFound:
        raise
    except FairwayError as error:
        return _form(request, context, secret, data, error)
    return Redirect("/", status_code=303, cookies=[session_cookie(context, signed_in)])


def _form(
    request: shell.ARequest,
    context: shell.AContext,
    secret: str,
    given: dict[str, object],
    error: FairwayError | None = None,
) -> Template:
    with context.database.read() as session:
        row, team = invitations.open_one(session, secret)
        return shell.page(
            request, session, "invitation.html", error=error, team=team, role=row.role, secret=secret, given=given
        )


handlers = [show_invitation, accept_invitation]
