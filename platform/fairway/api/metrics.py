"""Metrics: a resource's charts for people, and the two open routes for a Prometheus.

`/metrics` and `/sd/prometheus` answer to callers on this machine, and elsewhere to the bearer token of
FAIRWAY_METRICS_TOKEN. A request that was passed on by a proxy is from elsewhere.
"""

import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from fairway import health
from fairway.api.dependencies import AContext, AnActor
from fairway.db.clock import now
from fairway.domain import resources
from fairway.domain.context import Context
from fairway.errors import Invalid, NotSignedIn
from fairway.health.discovery import targets
from fairway.health.exposition import exposition
from fairway.health.series import ChartDocument
from fairway_catalog.loader import UnknownOffering

LONGEST = timedelta(days=90)
PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
UNITS = {"m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class MetricsDocument:
    """A resource's charts over a span of time."""

    resource: str
    since: datetime
    until: datetime
    charts: list[ChartDocument]


@get("/resources/{ref:str}/metrics", sync_to_thread=True, tags=["resources"])
def get_metrics(context: AContext, actor: AnActor, ref: FromPath[str], since: FromQuery[str] = "1h") -> MetricsDocument:
    """since: a span such as `15m`, `6h` or `7d`, or a time."""
    with context.database.read() as session:
        resource = resources.named(session, actor, ref)
    until = now()
    began = parse_since(since, until)
    try:
        offering = context.catalog.get(resource.offering, resource.offering_version)
    except UnknownOffering:
        offering = context.catalog.get(resource.offering)
    charts = health.charts(context.history, offering, resource.id, began, until)
    return MetricsDocument(resource.id, began, until, charts)


@get("/metrics", opt={"public": True}, include_in_schema=False, sync_to_thread=True)
def metrics(context: AContext, request: Request[Any, Any, Any]) -> Response[bytes]:
    require_scraper(context, request)
    return Response(
        exposition(context.database, context.history), media_type="text/plain; version=0.0.4; charset=utf-8"
    )


@get("/sd/prometheus", opt={"public": True}, include_in_schema=False, sync_to_thread=True)
def discover(context: AContext, request: Request[Any, Any, Any]) -> list[dict[str, Any]]:
    require_scraper(context, request)
    return targets(context.database)


def require_scraper(context: Context, request: Request[Any, Any, Any]) -> None:
    """Raises NotSignedIn."""
    given = request.headers.get("authorization", "").partition(" ")[2].strip()
    token = context.settings.metrics_token
    if token and given and hmac.compare_digest(given.encode(), token.encode()):
        return
    if not given and _is_local(request):
        return
    raise NotSignedIn("Metrics are for this machine alone, or for a bearer token", hint="Set FAIRWAY_METRICS_TOKEN.")


def parse_since(text: str, until: datetime) -> datetime:
    """Raises Invalid."""
    number, unit = text[:-1], text[-1:]
    if number.isdecimal() and unit in UNITS and len(number) < 8:
        began = until - timedelta(seconds=int(number) * UNITS[unit])
    else:
        try:
            began = datetime.fromisoformat(text)
        except ValueError:
            raise Invalid.field("/since", f"{text!r} is no span and no time; 15m, 6h and 7d are spans") from None
    if began.tzinfo is None or not until - LONGEST <= began < until:
        raise Invalid.field("/since", "since lies in the past, up to 90 days, and a time names its zone")
    return began


def _is_local(request: Request[Any, Any, Any]) -> bool:
    """From here, for here (a page that rebinds a name to 127.0.0.1 sends that name as Host), and not passed on."""
    asked = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    return (
        request.client is not None
        and _is_loopback(request.client.host)
        and (asked == "localhost" or _is_loopback(asked))
        and not any(name in request.headers for name in PASSED_ON)
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
