"""Liveness and readiness. Open to everybody: they tell nothing but yes or no."""

from litestar import Response, get

from fairway.api.dependencies import AContext


@get("/healthz", opt={"public": True}, include_in_schema=False, sync_to_thread=False)
def healthz() -> str:
    """The process answers."""
    return "ok"


@get("/readyz", opt={"public": True}, include_in_schema=False, sync_to_thread=True)
def readyz(context: AContext) -> Response[str]:
    """The database answers too."""
    if context.database.answers():
        return Response("ok")
    return Response("the database does not answer", status_code=503)
