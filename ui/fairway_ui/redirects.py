"""Where a form leads to."""

from litestar.response import Redirect


def local(target: str) -> str:
    """The target when it is a path of ours, else the overview: never another site."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"


def to(target: str) -> Redirect:
    """After a form was done: 303, so that a reload does not send it again."""
    return Redirect(target, status_code=303)
