"""The REST API under `/api/v1`: controllers bind, call one domain verb, answer.

`v1` is the router that `fairway.asgi` mounts; `open_routes` answer without signing in.
"""

from litestar import Router
from litestar.di import Provide

from fairway.api.environments import EnvironmentController, list_clusters
from fairway.api.etags import version
from fairway.api.idempotency import Idempotency
from fairway.api.me import TokenController, make_sign_in_link, whoami
from fairway.api.metrics import discover, get_metrics, metrics
from fairway.api.offerings import OfferingController
from fairway.api.previews import PreviewController
from fairway.api.probes import healthz, readyz
from fairway.api.resource_streams import get_events, get_logs
from fairway.api.resources import ResourceController
from fairway.api.runs import RunController
from fairway.api.services import ServiceController
from fairway.api.slos import routes as slo_routes
from fairway.api.teams import TeamController
from fairway.api.trail import list_audit
from fairway.api.trials import routes as chaos_routes
from fairway.api.tunnels import get_tunnel, open_tunnel

v1 = Router(
    "/api/v1",
    route_handlers=[
        EnvironmentController,
        OfferingController,
        PreviewController,
        ResourceController,
        RunController,
        ServiceController,
        TeamController,
        TokenController,
        get_events,
        get_logs,
        get_metrics,
        get_tunnel,
        list_audit,
        list_clusters,
        make_sign_in_link,
        open_tunnel,
        whoami,
        *chaos_routes,
        *slo_routes,
    ],
    dependencies={"version": Provide(version, sync_to_thread=False)},
    middleware=[Idempotency],
)
open_routes = [healthz, readyz, metrics, discover]
