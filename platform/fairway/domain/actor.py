"""Who asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fairway.models import Role


@dataclass(frozen=True)
class Actor:
    """A person, in a browser or by a token, or Fairway itself (`system`).

    roles: team id -> role. scopes: what a token may do; a browser session has all of them. via: `web`, `api`, `system`.
    """

    user_id: str
    name: str
    admin: bool = False
    roles: Mapping[str, Role] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset({"read", "write", "admin"})
    via: str = "web"

    @property
    def teams(self) -> tuple[str, ...]:
        return tuple(self.roles)

    def role_in(self, team_id: str) -> Role | None:
        return Role.OWNER if self.admin else self.roles.get(team_id)


SYSTEM = Actor(user_id="", name="fairway", admin=True, via="system")
