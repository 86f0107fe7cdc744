"""Services."""

from dataclasses import dataclass
from datetime import datetime

from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from fairway.api.dependencies import AContext, AnActor
from fairway.api.etags import AVersion, etag
from fairway.domain import services, teams
from fairway.models import Service


@dataclass(frozen=True)
class ServiceDocument:
    id: str
    name: str
    team: str
    summary: str
    created_at: datetime
    version: int


@dataclass(frozen=True)
class NewService:
    """team may be left out by somebody who is in one team only."""

    name: str
    team: str = ""
    summary: str = ""


@dataclass(frozen=True)
class ServiceChange:
    summary: str


class ServiceController(Controller):
    path = "/services"
    tags = ("services",)

    @get("/", sync_to_thread=True)
    def list_services(self, context: AContext, actor: AnActor) -> list[ServiceDocument]:
        with context.database.read() as session:
            owners = {team.id: team.name for team in teams.visible(session, actor)}
            return [_document(row, owners[row.team_id]) for row in services.visible(session, actor)]

    @post("/", sync_to_thread=True)
    def create_service(
        self, context: AContext, actor: AnActor, data: JSONBody[NewService]
    ) -> Response[ServiceDocument]:
        with context.database.write() as session:
            team = teams.named(session, actor, data.team) if data.team else teams.only(session, actor)
            row = services.create(session, actor, data.name, team, summary=data.summary)
            return _answer(row, team.name, 201)

    @get("/{name:str}", sync_to_thread=True)
    def get_service(self, context: AContext, actor: AnActor, name: FromPath[str]) -> Response[ServiceDocument]:
        with context.database.read() as session:
            row = services.named(session, actor, name)
            return _answer(row, teams.named(session, actor, row.team_id).name)

    @patch("/{name:str}", sync_to_thread=True)
    def change_service(
        self,
        context: AContext,
        actor: AnActor,
        version: AVersion,
        name: FromPath[str],
        data: JSONBody[ServiceChange],
    ) -> Response[ServiceDocument]:
        with context.database.write() as session:
            row = services.named(session, actor, name)
            services.change(session, actor, row, summary=data.summary, version=version)
            return _answer(row, teams.named(session, actor, row.team_id).name)

    @delete("/{name:str}", sync_to_thread=True)
    def delete_service(self, context: AContext, actor: AnActor, name: FromPath[str]) -> None:
        """Only one without resources."""
        with context.database.write() as session:
            services.delete(session, actor, services.named(session, actor, name))


def _document(row: Service, team: str) -> ServiceDocument:
    return ServiceDocument(row.id, row.name, team, row.summary, row.created_at, row.version)


def _answer(row: Service, team: str, status: int = 200) -> Response[ServiceDocument]:
    return Response(_document(row, team), status_code=status, headers=etag(row.version))
