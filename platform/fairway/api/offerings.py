"""The catalog."""

from litestar import Controller, get
from litestar.params import FromPath

from fairway.api.dependencies import AContext, AnActor
from fairway.domain import offerings
from fairway.domain.documents import OfferingDocument


class OfferingController(Controller):
    path = "/offerings"
    tags = ("catalog",)

    @get("/", sync_to_thread=True)
    def list_offerings(self, context: AContext, actor: AnActor) -> list[OfferingDocument]:
        with context.database.read() as session:
            return offerings.all(context, session, actor)

    @get("/{name:str}", sync_to_thread=True)
    def get_offering(self, context: AContext, actor: AnActor, name: FromPath[str]) -> OfferingDocument:
        """parameters is a JSON Schema; prices in cents a month."""
        with context.database.read() as session:
            return offerings.get(context, session, actor, name)
