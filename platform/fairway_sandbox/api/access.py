"""Who may come in, and what the others are told."""

import hmac

from fairway_sandbox.api.request import Request
from fairway_sandbox.errors import ApiError
from fairway_sandbox.objects import Json

HEALTH = ("healthz", "livez", "readyz")
NOBODY = 'User "system:anonymous" cannot'
VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}


def admit(request: Request, token: str) -> None:
    """Raises 401 and 403."""
    given = request.headers.get("authorization", "")
    if request.parts[:1] and request.parts[0] in HEALTH and not given:
        return
    if not given:
        raise _forbidden(request)
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise ApiError(401, "Unauthorized", "Unauthorized")


def _forbidden(request: Request) -> ApiError:
    parts = request.parts
    rest = parts[2:] if parts[:1] == ["api"] else parts[3:]
    if parts[:1] not in (["api"], ["apis"]) or not rest:
        message = f'forbidden: {NOBODY} {request.method.lower()} path "{request.raw_path}"'
        return ApiError(403, "Forbidden", message, {})
    group = parts[1] if parts[0] == "apis" else ""
    where = "at the cluster scope"
    if rest[0] == "namespaces" and len(rest) > 2:
        where, rest = f'in the namespace "{rest[1]}"', rest[2:]
    plural, name = rest[0], rest[1] if len(rest) > 1 else ""
    what = f"{plural}.{group}" if group else plural
    resource = "/".join([plural, *rest[2:3]])
    asked = f'{_verb(request, name)} resource "{resource}" in API group "{group}" {where}'
    named = f'{what} "{name}"' if name else what
    message = f"{named} is forbidden: {NOBODY} {asked}"
    told: Json = {**({"name": name} if name else {}), **({"group": group} if group else {}), "kind": plural}
    return ApiError(403, "Forbidden", message, told)


def _verb(request: Request, name: str) -> str:
    if request.method == "DELETE":
        return "delete" if name else "deletecollection"
    reading = "watch" if request.watching else "get" if name else "list"
    return VERBS.get(request.method, reading)
