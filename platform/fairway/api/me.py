"""Who am I, and my API tokens."""

from dataclasses import dataclass, field
from datetime import datetime

from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath, JSONBody

from fairway.api.dependencies import AContext, AnActor
from fairway.domain import signin, teams, tokens
from fairway.models import Token


@dataclass(frozen=True)
class WhoAmI:
    """teams: name -> role."""

    id: str
    name: str
    admin: bool
    teams: dict[str, str]
    scopes: list[str]


@dataclass(frozen=True)
class NewToken:
    """days: how long it lasts; null for ever."""

    name: str
    scopes: list[str] = field(default_factory=lambda: ["read", "write"])
    days: int | None = 90


@dataclass(frozen=True)
class TokenDocument:
    """token is the secret, told once, when it is made; hint its first characters."""

    id: str
    name: str
    hint: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    token: str | None = None


@get("/whoami", sync_to_thread=True, tags=["people"])
def whoami(context: AContext, actor: AnActor) -> WhoAmI:
    with context.database.read() as session:
        roles = {t.name: str(actor.role_in(t.id)) for t in teams.visible(session, actor)}
    return WhoAmI(actor.user_id, actor.name, actor.admin, roles, sorted(actor.scopes))


@dataclass(frozen=True)
class SignInLink:
    """Works once, for a short time."""

    url: str


@post("/sign-in-links", sync_to_thread=True, status_code=201, tags=["people"])
def make_sign_in_link(context: AContext, actor: AnActor) -> Response[SignInLink]:
    """A link that signs a browser in as oneself."""
    with context.database.write() as session:
        secret = signin.link_for(session, actor)
    url = f"{context.settings.url}/sign-in/{secret}"
    return Response(SignInLink(url), status_code=201, headers={"Cache-Control": "no-store"})


class TokenController(Controller):
    path = "/tokens"
    tags = ("people",)

    @get("/", sync_to_thread=True)
    def list_tokens(self, context: AContext, actor: AnActor) -> list[TokenDocument]:
        with context.database.read() as session:
            return [_document(row) for row in tokens.mine(session, actor)]

    @post("/", sync_to_thread=True)
    def create_token(self, context: AContext, actor: AnActor, data: JSONBody[NewToken]) -> Response[TokenDocument]:
        """The answer holds the secret, this once."""
        with context.database.write() as session:
            row, secret = tokens.create(session, actor, data.name, scopes=data.scopes, days=data.days)
            document = _document(row, secret)
        return Response(document, status_code=201, headers={"Cache-Control": "no-store"})

    @delete("/{token_id:str}", sync_to_thread=True)
    def revoke_token(self, context: AContext, actor: AnActor, token_id: FromPath[str]) -> None:
        """It works no more from now on."""
        with context.database.write() as session:
            tokens.revoke(session, actor, token_id)


def _document(row: Token, secret: str | None = None) -> TokenDocument:
    return TokenDocument(
        row.id,
        row.name,
        row.hint,
        list(row.scopes),
        row.created_at,
        row.expires_at,
        row.revoked_at,
        row.last_used_at,
        secret,
    )
