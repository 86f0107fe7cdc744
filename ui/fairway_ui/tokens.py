"""API tokens of one's own."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from fairway.db.clock import now
from fairway.domain import people, tokens
from fairway.errors import FairwayError
from fairway_ui import shell
from fairway_ui.numbers import whole
from fairway_ui.redirects import to


@get("/tokens", sync_to_thread=True)
def list_tokens(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor) -> Template:
    return _index(request, context, actor)


@post("/tokens", sync_to_thread=True)
def create_token(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, data: shell.Form) -> Template:
    """The page with the secret, once: that is why this does not redirect."""
    try:
        with context.database.write() as session:
            days = whole(shell.text(data, "days"), "/days")
            scopes = shell.many(data, "scopes")
            _, secret = tokens.create(session, actor, shell.text(data, "name"), scopes=scopes, days=days)
    except FairwayError as error:
        return _index(request, context, actor, given=data, error=error)
    return _index(request, context, actor, secret=secret)


@post("/tokens/{token_id:str}/revocation", sync_to_thread=True)
def revoke_token(context: shell.AContext, actor: shell.AnActor, token_id: FromPath[str]) -> Redirect:
    with context.database.write() as session:
        tokens.revoke(session, actor, token_id)
    return to("/tokens")


def _index(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    *,
    given: dict[str, Any] | None = None,
    secret: str = "",
    error: FairwayError | None = None,
) -> Template:
    with context.database.read() as session:
        return shell.page(
            request,
            session,
            "tokens.html",
            here="Tokens",
            error=error,
            tokens=tokens.mine(session, actor),
            scopes=people.ALL_SCOPES,
            secret=secret,
            given=given or {},
            now=now(),
        )


handlers = [list_tokens, create_token, revoke_token]
