"""The pages: HTML controllers over the domain verbs, templates and static files.

`fairway.asgi` mounts `pages` and hands errors outside of `/api` to `errors.answer`.
"""

from collections.abc import Sequence

from litestar import Router
from litestar.types import ControllerRouterHandler

from fairway_ui import (
    account,
    audit,
    catalog,
    change,
    chaos,
    create,
    environments,
    health,
    invitations,
    observed,
    overview,
    previews,
    reference,
    resources,
    runs,
    search,
    services,
    sign_in,
    slos,
    static,
    teams,
    theme,
    tokens,
    trial_start,
    trials,
)
from fairway_ui.templating import templates

pages: Sequence[ControllerRouterHandler] = [
    Router(
        "/",
        include_in_schema=False,
        route_handlers=[
            *account.handlers,
            *audit.handlers,
            *catalog.handlers,
            *change.handlers,
            *chaos.handlers,
            *create.handlers,
            *environments.handlers,
            *health.handlers,
            *invitations.handlers,
            *observed.handlers,
            *overview.handlers,
            *previews.handlers,
            *reference.handlers,
            *resources.handlers,
            *runs.handlers,
            *search.handlers,
            *services.handlers,
            *sign_in.handlers,
            *slos.handlers,
            *teams.handlers,
            *theme.handlers,
            *tokens.handlers,
            *trial_start.handlers,
            *trials.handlers,
        ],
    ),
    static.router,
]

__all__ = ["pages", "templates"]
