"""Teams, their members and invitations."""

from dataclasses import dataclass
from datetime import datetime

from litestar import Controller, Response, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody

from fairway.api.dependencies import AContext, AnActor
from fairway.api.etags import AVersion, etag
from fairway.domain import invitations, teams
from fairway.errors import Invalid
from fairway.models import Role, Team


@dataclass(frozen=True)
class TeamDocument:
    """budget_monthly in cents a month, null for no limit."""

    id: str
    name: str
    title: str
    budget_monthly: int | None
    created_at: datetime
    version: int


@dataclass(frozen=True)
class NewTeam:
    name: str
    title: str = ""
    budget_monthly: int | None = None


@dataclass(frozen=True)
class TeamChange:
    title: str
    budget_monthly: int | None = None


@dataclass(frozen=True)
class MemberDocument:
    name: str
    full_name: str
    role: str


@dataclass(frozen=True)
class RoleChange:
    role: str


@dataclass(frozen=True)
class InvitationDocument:
    """url: to be handed to the person; it is told once."""

    id: str
    url: str
    role: str
    expires_at: datetime


class TeamController(Controller):
    path = "/teams"
    tags = ("teams",)

    @get("/", sync_to_thread=True)
    def list_teams(self, context: AContext, actor: AnActor) -> list[TeamDocument]:
        with context.database.read() as session:
            return [_document(team) for team in teams.visible(session, actor)]

    @post("/", sync_to_thread=True)
    def create_team(self, context: AContext, actor: AnActor, data: JSONBody[NewTeam]) -> Response[TeamDocument]:
        with context.database.write() as session:
            team = teams.create(session, actor, data.name, title=data.title, budget_monthly=data.budget_monthly)
            return _answer(team, 201)

    @get("/{name:str}", sync_to_thread=True)
    def get_team(self, context: AContext, actor: AnActor, name: FromPath[str]) -> Response[TeamDocument]:
        with context.database.read() as session:
            return _answer(teams.named(session, actor, name))

    @patch("/{name:str}", sync_to_thread=True)
    def change_team(
        self,
        context: AContext,
        actor: AnActor,
        version: AVersion,
        name: FromPath[str],
        data: JSONBody[TeamChange],
    ) -> Response[TeamDocument]:
        """title is always said anew; budget_monthly in cents, null for no limit."""
        with context.database.write() as session:
            team = teams.named(session, actor, name)
            teams.change(
                session,
                actor,
                team,
                title=data.title,
                budget_monthly=data.budget_monthly,
                version=version,
            )
            return _answer(team)

    @get("/{name:str}/members", sync_to_thread=True)
    def list_members(self, context: AContext, actor: AnActor, name: FromPath[str]) -> list[MemberDocument]:
        with context.database.read() as session:
            team = teams.named(session, actor, name)
            return [
                MemberDocument(user.name, user.full_name, str(row.role))
                for user, row in teams.members(session, actor, team)
            ]

    @put("/{name:str}/members/{person:str}", sync_to_thread=True)
    def set_role(
        self, context: AContext, actor: AnActor, name: FromPath[str], person: FromPath[str], data: JSONBody[RoleChange]
    ) -> RoleChange:
        """role: `owner`, `member` or `viewer`."""
        with context.database.write() as session:
            team = teams.named(session, actor, name)
            teams.set_role(session, actor, team, person, parse_role(data.role))
        return data

    @delete("/{name:str}/members/{person:str}", sync_to_thread=True)
    def remove_member(self, context: AContext, actor: AnActor, name: FromPath[str], person: FromPath[str]) -> None:
        with context.database.write() as session:
            teams.remove(session, actor, teams.named(session, actor, name), person)

    @post("/{name:str}/invitations", sync_to_thread=True)
    def invite_member(
        self, context: AContext, actor: AnActor, name: FromPath[str], data: JSONBody[RoleChange]
    ) -> Response[InvitationDocument]:
        """A link that makes its reader a member, once."""
        with context.database.write() as session:
            team = teams.named(session, actor, name)
            row, secret = invitations.make(session, actor, team, parse_role(data.role))
            url = f"{context.settings.url}/invitations/{secret}"
            document = InvitationDocument(row.id, url, row.role, row.expires_at)
        return Response(document, status_code=201, headers={"Cache-Control": "no-store"})


def parse_role(value: str) -> Role:
    try:
        return Role(value)
    except ValueError as error:
        raise Invalid.field("/role", f"{value!r} is no role; choose viewer, member or owner") from error


def _document(team: Team) -> TeamDocument:
    return TeamDocument(team.id, team.name, team.title, team.budget_monthly, team.created_at, team.version)


def _answer(team: Team, status: int = 200) -> Response[TeamDocument]:
    return Response(_document(team), status_code=status, headers=etag(team.version))
