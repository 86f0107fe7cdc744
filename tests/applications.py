"""The application is made once in a process, and put around the context of each test in turn."""

from functools import cache

from litestar import Litestar

import fairway_catalog
import fairway_ui
from fairway.asgi import create_app
from fairway.domain.context import Context
from fairway_catalog import Catalog
from tests.described import Described

_made: dict[bool, Litestar] = {}


def around(context: Context, *, pages: bool = False) -> Litestar:
    """For one test at a time: what was around another context before is around this one now."""
    if pages not in _made:
        _made[pages] = create_app(context, fairway_ui.pages if pages else ())
    _made[pages].state.context = context
    return _made[pages]


@cache
def described() -> Described:
    """Asks what `around` gave; without pages."""

    def document() -> dict[str, object]:
        app = _made[False]
        found: dict[str, object] = app.state.description.of(app)
        return found

    return Described(document)


@cache
def catalog() -> Catalog:
    """Fairway's own; nothing in it changes."""
    return fairway_catalog.load()
