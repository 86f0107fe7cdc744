"""The web application: REST, pages and open routes around one Context."""

from collections.abc import Sequence
from typing import Any

from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler

from fairway import api
from fairway.api import csrf, problems
from fairway.api.authentication import Authentication
from fairway.api.dependencies import DEPENDENCIES, signed_in
from fairway.api.description import Description
from fairway.domain.context import Context
from fairway_ui import errors, templates

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

MACHINES = ("/api", "/healthz", "/readyz", "/metrics", "/sd/")


def create_app(context: Context, pages: Sequence[ControllerRouterHandler] = ()) -> Litestar:
    description = Description()
    return Litestar(
        [api.v1, *api.open_routes, *pages],
        state=State({"context": context, "description": description}),
        dependencies=DEPENDENCIES,
        guards=[signed_in],
        middleware=[Authentication],
        before_request=csrf.check,
        exception_handlers={Exception: _answer_with_pages if pages else problems.answer},
        template_config=templates if pages else None,
        openapi_config=description.config(),
        after_request=_add_headers,
        request_max_body_size=4 * 2**20,
        logging_config=None,
    )


def _answer_with_pages(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Problem documents for programs, a page for people."""
    path, wants = request.scope["path"], request.headers.get("accept", "")
    if path.startswith(MACHINES) or ("text/html" not in wants and "*/*" not in wants and wants):
        return problems.answer(request, error)
    return errors.answer(request, problems.describe(request, error))


def _add_headers(response: Response[Any]) -> Response[Any]:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
