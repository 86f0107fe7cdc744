"""What each page has around it: who is signed in, the theme, the CSRF token, the state of the clusters."""

from collections.abc import Mapping
from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from litestar.response import Template
from sqlmodel import Session

from fairway.domain import environments, kill_switch, teams
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.errors import FairwayError

AContext = NamedDependency[Context]
AnActor = NamedDependency[Actor]
ARequest = Request[Any, Any, Any]
Form = URLEncodedBody[dict[str, Any]]

NO_STORE = {"Cache-Control": "no-store"}


def page(
    request: ARequest,
    session: Session,
    name: str,
    /,
    *,
    here: str = "",
    error: FairwayError | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Template:
    """The whole page. error: of a form that is shown again, with its status."""
    frame = basics(request) | {"here": here, "rail": _rail(session, request.scope.get("user"))}
    frame |= {"error": error, "errors": field_errors(error)}
    return Template(
        template_name=name,
        context=frame | values,
        status_code=error.status if error else status,
        headers=dict(headers or NO_STORE),
    )


def fragment(request: ARequest, name: str, /, *, headers: Mapping[str, str] | None = None, **values: Any) -> Template:
    """A part of a page, for htmx."""
    return Template(template_name=name, context=basics(request) | values, headers=dict(headers or NO_STORE))


def basics(request: ARequest) -> dict[str, Any]:
    """What a template can count on even where no database answers."""
    actor = request.scope.get("user")
    theme = request.cookies.get("fairway_theme", "")
    return {
        "actor": actor if isinstance(actor, Actor) else None,
        "csrf": getattr(request.state, "csrf", ""),
        "theme": theme if theme in ("light", "dark") else "",
        "path": request.scope["path"],
        "here": "",
        "rail": None,
        "error": None,
        "errors": {},
    }


def is_htmx(request: ARequest) -> bool:
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-boosted") != "true"


def field_errors(error: FairwayError | None) -> dict[str, str]:
    """pointer `/parameters/image` -> sentence, under the id of the field: `parameters-image`."""
    if error is None:
        return {}
    return {field.pointer.strip("/").replace("/", "-"): field.detail for field in error.fields}


def text(form: Mapping[str, Any], name: str) -> str:
    """A field's text; the last one when it was sent more than once."""
    value = form.get(name, "")
    return str(value[-1] if isinstance(value, list) else value).strip()


def many(form: Mapping[str, Any], name: str) -> list[str]:
    value = form.get(name, [])
    return [str(v) for v in value] if isinstance(value, list) else [str(value)]


def _rail(session: Session, actor: Any) -> dict[str, Any] | None:
    if not isinstance(actor, Actor):
        return None
    clusters = environments.clusters(session, actor)
    chaotic = [e.name for e in environments.everywhere(session, actor) if e.chaos]
    return {
        "clusters": len(clusters),
        "reachable": sum(c.unreachable_since is None for c in clusters),
        "chaos": chaotic,
        "halted": bool(kill_switch.reason_to_stop(session)),
        "teams": [t.name for t in teams.visible(session, actor)][:3],
    }
