"""Optimistic locking over HTTP: the ETag is the row's version."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import HeaderParameter

from fairway.errors import Invalid

AVersion = NamedDependency[int | None]
IF_MATCH = HeaderParameter(
    name="If-Match",
    description="The ETag of what was read: the change is refused when somebody else made one in the meantime.",
)


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def version(if_match: Annotated[str, IF_MATCH] = "") -> int | None:
    """The version that handlers ask for as `version: AVersion`: None when the header is absent or `*`."""
    raw = if_match.strip()
    if raw in ("", "*"):
        return None
    bare = raw.removeprefix("W/").strip('"')
    if not bare.isdecimal():
        raise Invalid.field("/If-Match", f'{raw} is no ETag of this; send the one that GET answered, such as "3"')
    return int(bare)
