"""May this actor do that? Every verb asks here first.

A team that one is not in is not told about: what belongs to it is `NotFound`, not `Refused`.
"""

from fairway.domain.actor import Actor
from fairway.errors import NotFound, Refused
from fairway.models import Role


def require_role(actor: Actor, team_id: str, role: Role, doing: str) -> None:
    """doing completes "You may not ...": `create resources for team payments`."""
    has = actor.role_in(team_id)
    if has is None:
        raise NotFound(f"There is no such thing, or it is not yours: cannot {doing}")
    if has.rank < role.rank:
        raise Refused(f"As {has} you may not {doing}", hint=f"Ask an owner of the team for the role {role}.")
    require_scope(actor, "read" if role is Role.VIEWER else "write", doing)


def may(actor: Actor, team_id: str, role: Role) -> bool:
    has = actor.role_in(team_id)
    return has is not None and has.rank >= role.rank and ("read" if role is Role.VIEWER else "write") in actor.scopes


def require_admin(actor: Actor, doing: str) -> None:
    if not actor.admin:
        raise Refused(f"Only an admin may {doing}", hint="Ask an admin of this installation.")
    require_scope(actor, "admin", doing)


def require_scope(actor: Actor, scope: str, doing: str) -> None:
    if scope not in actor.scopes:
        raise Refused(f"This token may not {doing}: it lacks the scope {scope}", hint="Make a token with that scope.")
