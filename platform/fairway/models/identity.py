"""People and the ways in which they prove who they are. Only hashes of links, cookies and tokens are kept."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from fairway.models.columns import document, identity, moment, optional_moment, optional_reference, reference


class User(SQLModel, table=True):
    """A person. `name` is the handle shown everywhere; an admin may do everything."""

    __tablename__ = "user_account"

    id: str = identity()
    name: str = Field(max_length=63, unique=True)
    full_name: str = Field(default="", max_length=200)
    email: str | None = Field(default=None, max_length=200, unique=True, nullable=True)
    password_hash: str | None = Field(default=None, max_length=200, nullable=True)
    is_admin: bool = False
    created_at: datetime = moment()
    disabled_at: datetime | None = optional_moment()


class SignInLink(SQLModel, table=True):
    """A one-time link; the first use ends it."""

    __tablename__ = "sign_in_link"

    id: str = identity()
    user_id: str = reference("user_account.id")
    secret_hash: str = Field(max_length=64, unique=True)
    created_at: datetime = moment()
    expires_at: datetime = moment()
    used_at: datetime | None = optional_moment()


class Session(SQLModel, table=True):
    """A signed-in browser. `csrf` goes into forms and the X-CSRF-Token header."""

    __tablename__ = "session"

    id: str = identity()
    user_id: str = reference("user_account.id")
    secret_hash: str = Field(max_length=64, unique=True)
    csrf: str = Field(max_length=64)
    created_at: datetime = moment()
    expires_at: datetime = moment()
    last_seen_at: datetime = moment()
    ended_at: datetime | None = optional_moment()


class Token(SQLModel, table=True):
    """An API token. scopes: `read`, `write`, `admin`; `hint` is its first characters, to tell tokens apart."""

    __tablename__ = "token"

    id: str = identity()
    user_id: str = reference("user_account.id")
    name: str = Field(max_length=100)
    secret_hash: str = Field(max_length=64, unique=True)
    hint: str = Field(max_length=12)
    scopes: list[str] = document(list)
    created_at: datetime = moment()
    expires_at: datetime | None = optional_moment()
    revoked_at: datetime | None = optional_moment()
    last_used_at: datetime | None = optional_moment()


class Invitation(SQLModel, table=True):
    """A link by which another person joins a team (or, without a team, the installation)."""

    __tablename__ = "invitation"

    id: str = identity()
    team_id: str | None = optional_reference("team.id")
    role: str = Field(default="member", max_length=20)
    secret_hash: str = Field(max_length=64, unique=True)
    invited_by: str = reference("user_account.id")
    accepted_by: str | None = optional_reference("user_account.id")
    created_at: datetime = moment()
    expires_at: datetime = moment()
    accepted_at: datetime | None = optional_moment()
