"""What handlers ask for by name: `context: AContext` and `actor: AnActor`."""

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.handlers import BaseRouteHandler

from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.errors import NotSignedIn

AContext = NamedDependency[Context]
AnActor = NamedDependency[Actor]
Connection = ASGIConnection[BaseRouteHandler, Actor | None, object, State]


def context(state: State) -> Context:
    found: Context = state.context
    return found


def actor(request: Request[Actor | None, object, State]) -> Actor:
    found = request.scope.get("user")
    if not isinstance(found, Actor):
        raise NotSignedIn("Sign in first", hint="`fairway login` prints a sign-in link; scripts send a token.")
    return found


def signed_in(connection: Connection, handler: BaseRouteHandler) -> None:
    """The guard of every route that is not marked `public`."""
    if handler.opt.get("public") or handler.opt.get("exclude_from_auth"):
        return
    if connection.scope.get("user") is None:
        raise NotSignedIn("Sign in first", hint="`fairway login` prints a sign-in link; scripts send a token.")


DEPENDENCIES = {
    "context": Provide(context, sync_to_thread=False),
    "actor": Provide(actor, sync_to_thread=False),
}
