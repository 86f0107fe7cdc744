"""Resources: the list, one, and what can be done with it."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from fairway.api.dependencies import AContext, AnActor
from fairway.api.etags import AVersion, etag
from fairway.api.paging import check_limit, page, read_cursor
from fairway.api.wishes import Order, accepted, order
from fairway.domain import bindings, connections, resources, revisions, runs
from fairway.domain.documents import (
    BindingsDocument,
    ConnectionDocument,
    ResourceDocument,
    RevisionDocument,
    RunDocument,
)
from fairway.errors import Invalid
from fairway.models import Operation

NO_STORE = {"Cache-Control": "no-store"}


class Protection(msgspec.Struct, forbid_unknown_fields=True):
    protected: bool


class Rotation(msgspec.Struct, forbid_unknown_fields=True):
    """preview: the id of what was shown."""

    preview: str = ""
    reason: str = ""


class ResourceController(Controller):
    path = "/resources"
    tags = ("resources",)

    @get("/", sync_to_thread=True)
    def list_resources(
        self,
        context: AContext,
        actor: AnActor,
        request: Request[Any, Any, Any],
        service: FromQuery[str] = "",
        environment: FromQuery[str] = "",
        offering: FromQuery[str] = "",
        team: FromQuery[str] = "",
        life: Annotated[str, QueryParameter(name="state")] = "",
        destroyed: FromQuery[bool] = False,
        cursor: FromQuery[str | None] = None,
        limit: FromQuery[int] = 50,
    ) -> Response[list[ResourceDocument]]:
        """Newest first. destroyed: those too that are gone."""
        most, before = check_limit(limit), read_cursor(cursor)
        with context.database.read() as session:
            found = resources.visible(
                session,
                actor,
                service=service,
                environment=environment,
                offering=offering,
                team=team,
                state=life,
                destroyed=destroyed,
                before=before,
                limit=most + 1,
            )
            rows, link = page(request, found, most, lambda row: row.created_at)
            return Response(resources.documents(session, rows), headers=link)

    @post("/", sync_to_thread=True, status_code=202)
    def create_resource(self, context: AContext, actor: AnActor, data: JSONBody[Order]) -> Response[RunDocument]:
        """202 with the run that makes it."""
        if data.operation not in ("", Operation.CREATE):
            raise Invalid.field("/operation", "This route creates; other operations go to /resources/{id}/runs")
        with context.database.write() as session:
            run = order(context, session, actor, data, None, default=Operation.CREATE)
            return accepted(session, run)

    @get("/{ref:str}", sync_to_thread=True)
    def get_resource(
        self,
        context: AContext,
        actor: AnActor,
        ref: FromPath[str],
        service: FromQuery[str] = "",
        environment: FromQuery[str] = "",
    ) -> Response[ResourceDocument]:
        """By id, or by name with service and environment."""
        with context.database.read() as session:
            row = resources.named(session, actor, ref, service, environment)
            return Response(resources.document(session, row), headers=etag(row.version))

    @patch("/{ref:str}", sync_to_thread=True)
    def protect_resource(
        self,
        context: AContext,
        actor: AnActor,
        version: AVersion,
        ref: FromPath[str],
        data: JSONBody[Protection],
    ) -> Response[ResourceDocument]:
        """Plan, parameters and bindings are changed by a run."""
        with context.database.write() as session:
            row = resources.named(session, actor, ref)
            resources.set_protected(session, actor, row, data.protected, version)
            return Response(resources.document(session, row), headers=etag(row.version))

    @get("/{ref:str}/runs", sync_to_thread=True)
    def list_runs_of_resource(
        self,
        context: AContext,
        actor: AnActor,
        request: Request[Any, Any, Any],
        ref: FromPath[str],
        cursor: FromQuery[str | None] = None,
        limit: FromQuery[int] = 50,
    ) -> Response[list[RunDocument]]:
        """Newest first."""
        most, before = check_limit(limit), read_cursor(cursor)
        with context.database.read() as session:
            row = resources.named(session, actor, ref)
            found = runs.visible(session, actor, resource=row, before=before, limit=most + 1)
            rows, link = page(request, found, most, lambda run: run.created_at)
            return Response(runs.documents(session, rows), headers=link)

    @post("/{ref:str}/runs", sync_to_thread=True, status_code=202)
    def start_run(
        self,
        context: AContext,
        actor: AnActor,
        version: AVersion,
        ref: FromPath[str],
        data: JSONBody[Order],
    ) -> Response[RunDocument]:
        """operation: `update`, `rotate`, `rollback`, `refresh` or `destroy`."""
        with context.database.write() as session:
            row = resources.named(session, actor, ref)
            if data.resource not in ("", row.id, row.name):
                raise Invalid.field("/resource", "The path names another resource; leave this away")
            data.resource = row.id
            run = order(context, session, actor, data, version, about=row.id)
            return accepted(session, run)

    @post("/{ref:str}/rotation", sync_to_thread=True, status_code=202)
    def rotate_password(
        self,
        context: AContext,
        actor: AnActor,
        version: AVersion,
        ref: FromPath[str],
        data: JSONBody[Rotation],
    ) -> Response[RunDocument]:
        """Another password: the server restarts with it, then the deployments that are bound to it follow."""
        with context.database.write() as session:
            row = resources.named(session, actor, ref)
            body = Order(resource=row.id, preview=data.preview, reason=data.reason)
            run = order(context, session, actor, body, version, about=row.id, default=Operation.ROTATE)
            return accepted(session, run)

    @get("/{ref:str}/revisions", sync_to_thread=True)
    def list_revisions(self, context: AContext, actor: AnActor, ref: FromPath[str]) -> list[RevisionDocument]:
        """Newest first: what was applied, for a rollback."""
        with context.database.read() as session:
            return revisions.documents(session, actor, resources.named(session, actor, ref))

    @get("/{ref:str}/bindings", sync_to_thread=True)
    def get_bindings(self, context: AContext, actor: AnActor, ref: FromPath[str]) -> BindingsDocument:
        """`{uses, used_by}`."""
        with context.database.read() as session:
            return bindings.document(session, resources.named(session, actor, ref))

    @get("/{ref:str}/connection", sync_to_thread=True)
    def get_connection(
        self, context: AContext, actor: AnActor, ref: FromPath[str], forwarded: FromQuery[int | None] = None
    ) -> ConnectionDocument:
        """Secrets are masked. forwarded: the port of the caller's own machine by which it is reached."""
        with context.database.read() as session:
            row = resources.named(session, actor, ref)
            return connections.of(context, session, actor, row, forwarded=forwarded)

    @post("/{ref:str}/reveals", sync_to_thread=True, status_code=200)
    def reveal_connection(
        self, context: AContext, actor: AnActor, ref: FromPath[str], forwarded: FromQuery[int | None] = None
    ) -> Response[ConnectionDocument]:
        """The connection with its secrets; it leaves an audit entry. forwarded: as of the connection."""
        with context.database.write() as session:
            row = resources.named(session, actor, ref)
            found = connections.of(context, session, actor, row, reveal=True, forwarded=forwarded)
        return Response(found, status_code=200, headers=NO_STORE)
