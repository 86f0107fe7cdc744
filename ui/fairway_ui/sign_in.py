"""Signing in by a one-time link or a password, and out again."""

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from fairway.domain import signin
from fairway.domain.signin import SESSION_LASTS, SignedIn
from fairway.errors import NotSignedIn
from fairway_ui import shell
from fairway_ui.redirects import local, to

OPEN = {"public": True}
TRIES = RateLimitConfig(rate_limit=("minute", 20), set_rate_limit_headers=False)
"""Passwords that one address may try."""


@get("/sign-in", opt=OPEN, sync_to_thread=True)
def show_sign_in(request: shell.ARequest, context: shell.AContext, next: FromQuery[str] = "/") -> Template | Redirect:
    if request.scope.get("user") is not None:
        return to(local(next))
    return _form(request, context, next)


@post("/sign-in", opt=OPEN, sync_to_thread=True, middleware=[TRIES.middleware])
def sign_in(request: shell.ARequest, context: shell.AContext, data: shell.Form) -> Template | Response[None]:
    name, wanted = shell.text(data, "name"), shell.text(data, "next")
    try:
        with context.database.write() as session:
            signed_in = signin.by_password(session, name, str(data.get("password", "")))
    except NotSignedIn as error:
        return _form(request, context, wanted, name=name, error=error)
    return _welcome(context, signed_in, wanted)


@get("/sign-in/{secret:str}", opt=OPEN, sync_to_thread=True)
def use_link(
    request: shell.ARequest, context: shell.AContext, secret: FromPath[str]
) -> Template | Response[None] | Redirect:
    try:
        with context.database.write() as session:
            signed_in = signin.by_link(session, secret)
    except NotSignedIn as error:
        if request.scope.get("user") is not None:
            return to("/")
        return _form(request, context, "/", error=error)
    return _welcome(context, signed_in, "/")


@post("/sign-out", sync_to_thread=True)
def sign_out(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor) -> Response[None]:
    with context.database.write() as session:
        signin.end(session, actor, request.cookies.get(signin.COOKIE, ""))
    gone = Cookie(signin.COOKIE, value="", path="/", max_age=0, httponly=True, samesite="lax")
    return Redirect("/sign-in", status_code=303, cookies=[gone])


def _form(
    request: shell.ARequest, context: shell.AContext, wanted: str, *, name: str = "", error: NotSignedIn | None = None
) -> Template:
    with context.database.read() as session:
        return shell.page(request, session, "sign_in.html", error=error, next=local(wanted), name=name)


def _welcome(context: shell.AContext, signed_in: SignedIn, wanted: str) -> Response[None]:
    return Redirect(local(wanted), status_code=303, cookies=[session_cookie(context, signed_in)])


def session_cookie(context: shell.AContext, signed_in: SignedIn) -> Cookie:
    return Cookie(
        signin.COOKIE,
        value=signed_in.secret,
        path="/",
        max_age=int(SESSION_LASTS.total_seconds()),
        httponly=True,
        secure=context.settings.url.startswith("https://"),
        samesite="lax",
    )


handlers = [show_sign_in, sign_in, use_link, sign_out]
