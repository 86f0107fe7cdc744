"""Errors as pages: what failed, what still works, whether a retry helps."""

from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.enums import MediaType
from litestar.response import Redirect

from fairway_ui import shell
from fairway_ui.templating import render


def answer(request: Request[Any, Any, Any], problem: dict[str, Any]) -> Response[Any]:
    """problem: the problem document of the error. Whoever is not signed in is led to the sign-in page."""
    if problem["status"] == 401 and not request.scope["path"].startswith("/sign-in"):
        return _to_sign_in(request)
    html = render("error.html", **shell.basics(request), problem=problem)
    headers = dict(shell.NO_STORE) | ({"Retry-After": "2"} if problem.get("retry") else {})
    return Response(html, media_type=MediaType.HTML, status_code=problem["status"], headers=headers)


def _to_sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    query = request.scope["query_string"].decode()
    wanted = request.scope["path"] + (f"?{query}" if query else "")
    target = "/sign-in" if request.method != "GET" or wanted == "/" else f"/sign-in?next={quote(wanted)}"
    if request.headers.get("hx-request") == "true":
        return Response("", status_code=401, headers={"HX-Redirect": "/sign-in"})
    return Redirect(target, status_code=303)
