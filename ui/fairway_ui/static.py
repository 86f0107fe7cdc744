"""Static files: open to everybody, and addressed with a version so that browsers may keep them."""

import hashlib
from functools import cache
from pathlib import Path

from litestar.datastructures import CacheControlHeader
from litestar.static_files import create_static_files_router

FOLDER = Path(__file__).parent / "static"

router = create_static_files_router(
    path="/static",
    directories=[FOLDER],
    name="static",
    opt={"public": True},
    include_in_schema=False,
    cache_control=CacheControlHeader(max_age=3600, public=True),
)


@cache
def url(name: str) -> str:
    """`/static/<name>` with a version that changes with the file."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"
