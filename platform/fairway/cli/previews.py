"""What would be done, shown before anybody says yes."""

import sys
import time
from collections.abc import Mapping
from typing import Any

import click

from fairway.cli import output
from fairway.cli.caller import Caller
from fairway.cli.failure import FAILED, Failure, from_problem, usage

SIGNS = {"create": "+", "update": "~", "delete": "-", "replace": "±", "same": " "}
COLOURS = {"+": "green", "~": "yellow", "-": "red", "±": "red"}
PATIENCE = 120.0


def ask(caller: Caller, wish: Mapping[str, Any]) -> dict[str, Any]:
    """The preview, computed. Raises Failure for a wish that is wrong and for a preview that found errors."""
    found: dict[str, Any] = caller.client.post("/previews", wish)
    until, pause = time.monotonic() + PATIENCE, 0.03
    while found["state"] == "computing":
        if time.monotonic() > until:
            raise Failure("The preview takes too long", "Is a worker running? The cluster may be unreachable.")
        time.sleep(pause)
        pause = min(pause * 1.3, 0.5)
        found = caller.client.get(f"/previews/{found['id']}")
    if found["state"] == "failed":
        raise from_problem(0, {"errors": found["errors"], "detail": "The preview found errors"})
    if found["state"] != "ready":
        raise Failure(f"The preview is {found['state']}: you asked for a newer one", "Try again.", code=FAILED)
    return found


def show(preview: Mapping[str, Any], to_stderr: bool = True) -> None:
    """Steps, changed fields and the price."""
    lines = [_step(change) for change in preview["changes"] if change.get("op") != "same"]
    lines += [_field(field) for field in preview["fields"]]
    lines += [_price(preview["price"])]
    lines += _rotation(preview)
    if preview["needs_approval"]:
        lines += ["Another person must approve it."]
    for line in lines:
        click.echo(line, err=to_stderr)


def is_idle(preview: Mapping[str, Any]) -> bool:
    """Whether nothing would happen."""
    return not preview["fields"] and all(change.get("op") == "same" for change in preview["changes"])


def confirm(question: str, yes: bool) -> None:
    """Raises Abort for a no, Failure when there is nobody to ask."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise usage("Nobody is there to be asked", "Say --yes.")
    click.confirm(question, abort=True, err=True)


def _step(change: Mapping[str, Any]) -> str:
    sign = SIGNS.get(str(change.get("op", "")).split("-")[0], "·")
    kind = str(change.get("type", "")).rsplit(":", 1)[-1]
    line = output.plain(f"  {sign} {kind} {change.get('name', '')}".rstrip())
    return click.style(line, fg=COLOURS.get(sign)) if sign in COLOURS else line


def _field(field: Mapping[str, Any]) -> str:
    name = field.get("field") or field.get("name") or field.get("pointer") or ""
    before, after = output.cell(field.get("before")), output.cell(field.get("after"))
    return f"  {name}: {_cut(before)} -> {_cut(after)}"


def _rotation(preview: Mapping[str, Any]) -> list[str]:
    """What a new password means for those who use it."""
    followers = preview.get("followers") or []
    lines = [f"  Then {', '.join(followers)} {_each(followers)} with an update of its own."] if followers else []
    if followers and preview["needs_approval"]:
        lines += ["  Each of those needs approval too: until then the deployment has a password that is refused."]
    if preview["operation"] != "rotate":
        return lines
    restart = "  The server restarts, and does not answer meanwhile; then it refuses the old password."
    return [restart, *(lines or ["  No deployment is bound to it: whoever has the old password needs the new one."])]


def _each(followers: list[str]) -> str:
    return "follows" if len(followers) == 1 else "follow, each"


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _price(price: Mapping[str, Any]) -> str:
    before, after = price["before"], price["after"]
    change = "" if before == after else f", {output.change(after - before)}"
    return f"  {output.money(after)} a month{change}"
