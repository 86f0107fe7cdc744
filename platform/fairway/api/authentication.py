"""Who is asking: a bearer token, or the session cookie of a browser."""

import asyncio
from typing import Any

from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from fairway.domain import signin, tokens
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.domain.signin import SignedIn
from fairway.errors import NotSignedIn

COOKIE = signin.COOKIE


class Authentication(AbstractAuthenticationMiddleware):
    """Sets the connection's `user` to an Actor or None, and `auth` to the SignedIn of a browser or None."""

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        context: Context = connection.app.state.context
        authorization = connection.headers.get("authorization", "")
        if authorization:
            secret = bearer(authorization)
            if _is_for_metrics(connection.scope["path"]):
                return AuthenticationResult(user=None, auth=None)
            return AuthenticationResult(user=await asyncio.to_thread(by_token, context, secret), auth=None)
        cookie = connection.cookies.get(COOKIE)
        if not cookie:
            return AuthenticationResult(user=None, auth=None)
        session = await asyncio.to_thread(_by_cookie, context, cookie)
        return AuthenticationResult(user=session.actor if session else None, auth=session)


def bearer(authorization: str) -> str:
    """The token. Raises NotSignedIn."""
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotSignedIn("The Authorization header is not of the form `Bearer <token>`")
    return secret.strip()


def by_token(context: Context, secret: str) -> Actor:
    """Raises NotSignedIn."""
    with context.database.read() as session:
        actor, token = tokens.resolve(session, secret)
        due = tokens.is_due(token)
    if due:
        with context.database.write() as session:
            tokens.touch(session, token.id)
    return actor


def _is_for_metrics(path: str) -> bool:
    """These check a token of their own, which is no person's."""
    return path in ("/metrics", "/sd/prometheus")


def _by_cookie(context: Context, secret: str) -> SignedIn | None:
    with context.database.read() as session:
        return signin.resume(session, secret)
