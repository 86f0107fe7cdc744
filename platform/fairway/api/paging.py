"""Keyset pagination: `?limit=50&cursor=...`, and `Link: <...>; rel="next"` while there is more."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from litestar import Request

from fairway.errors import Invalid

Row = TypeVar("Row", bound="Identified")
LARGEST = 200


class Identified(Protocol):
    id: str


def check_limit(limit: int) -> int:
    if not 1 <= limit <= LARGEST:
        raise Invalid.field("/limit", f"limit is a number from 1 to {LARGEST}, such as 50")
    return limit


def read_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    """The (time, id) that the page starts after."""
    if not cursor:
        return None
    try:
        at, identity = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return datetime.fromisoformat(at), str(identity)
    except (ValueError, TypeError, binascii.Error) as error:
        raise Invalid.field("/cursor", "This cursor is not one that was given out; start without one") from error


def make_cursor(at: datetime, identity: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), identity]).encode()).decode()


def page(
    request: Request[Any, Any, Any], found: Sequence[Row], limit: int, at: Callable[[Row], datetime]
) -> tuple[Sequence[Row], dict[str, str]]:
    """found: limit + 1 rows, as far as there are. Answers the page, and its Link header while there is more."""
    rows = found[:limit]
    following = make_cursor(at(rows[-1]), rows[-1].id) if len(found) > limit else None
    return rows, link_header(request, following)


def link_header(request: Request[Any, Any, Any], cursor: str | None) -> dict[str, str]:
    """The header of a page that has a next one, else nothing."""
    if cursor is None:
        return {}
    query = {**{k: v for k, v in request.query_params.items() if k != "cursor"}, "cursor": cursor}
    return {"Link": f'<{request.scope["path"]}?{urlencode(query, doseq=True)}>; rel="next"'}
