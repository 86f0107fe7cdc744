"""Light or dark: a cookie, so that the first paint is right already."""

from litestar import Response, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from fairway_ui import shell
from fairway_ui.redirects import local

YEAR = 365 * 24 * 3600


@post("/theme", opt={"public": True}, sync_to_thread=False)
def set_theme(data: shell.Form) -> Response[None]:
    theme = shell.text(data, "theme")
    cookie = Cookie(
        "fairway_theme", value=theme if theme in ("light", "dark") else "", path="/", max_age=YEAR, samesite="lax"
    )
    return Redirect(local(shell.text(data, "next")), status_code=303, cookies=[cookie])


handlers = [set_theme]
