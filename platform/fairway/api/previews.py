"""Previews: what would be done, computed in the background; confirm one by its id."""

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from fairway.api.dependencies import AContext, AnActor
from fairway.api.wishes import Body, wish_of
from fairway.domain import previews
from fairway.domain.documents import PreviewDocument


class Question(Body, kw_only=True, forbid_unknown_fields=True):
    """supersedes: the id of an earlier preview of yours that nobody waits for any more."""

    supersedes: str = ""


class PreviewController(Controller):
    path = "/previews"
    tags = ("resources",)

    @post("/", sync_to_thread=True, status_code=202)
    def request_preview(self, context: AContext, actor: AnActor, data: JSONBody[Question]) -> Response[PreviewDocument]:
        """202; GET it until its state is no longer `computing`."""
        with context.database.write() as session:
            row = previews.ask(context, session, actor, wish_of(session, actor, data), data.supersedes)
            headers = {"Location": f"/api/v1/previews/{row.id}"}
            return Response(previews.document(row), status_code=202, headers=headers)

    @get("/{preview_id:str}", sync_to_thread=True)
    def get_preview(self, context: AContext, actor: AnActor, preview_id: FromPath[str]) -> PreviewDocument:
        """One's own."""
        with context.database.read() as session:
            return previews.document(previews.named(session, actor, preview_id))
