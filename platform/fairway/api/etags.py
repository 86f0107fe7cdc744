"""Optimistic locking over HTTP: the ETag is the row's version."""

from typing import Any

from litestar import Request

from fairway.errors import Invalid


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def expected_version(request: Request[Any, Any, Any]) -> int | None:
    """The version in If-Match, None when it is absent or `*`."""
    raw = request.headers.get("if-match", "").strip()
    if raw in ("", "*"):
        return None
    bare = raw.removeprefix("W/").strip('"')
    if not bare.isdecimal():
        raise Invalid.field("/If-Match", f'{raw} is no ETag of this; send the one that GET answered, such as "3"')
    return int(bare)
