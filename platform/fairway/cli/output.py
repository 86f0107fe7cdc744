"""Tables for people, JSON and YAML for programs: the same documents as REST answers."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click

Column = tuple[str, Callable[[Mapping[str, Any]], Any]]

COLOURS = {
    "green": {"ready", "healthy", "succeeded", "pass", "running", "met", "created", "changed"},
    "red": {"failed", "failing", "fail", "interrupted", "refused", "breached", "skipped"},
    "yellow": {
        "degraded",
        "updating",
        "provisioning",
        "destroying",
        "awaiting_approval",
        "requested",
        "applying",
        "at risk",
    },
}


def rows(format: str, documents: Sequence[Mapping[str, Any]], columns: Sequence[Column], empty: str) -> None:
    """A list. `empty` is what a person reads when there is nothing; programs get the empty list."""
    if format != "table":
        document(format, documents)
    elif not documents:
        click.echo(empty, err=True)
    else:
        table([name for name, _ in columns], [[cell(take(row)) for _, take in columns] for row in documents])


def one(format: str, found: Mapping[str, Any], lines: Iterable[tuple[str, Any]]) -> None:
    """One thing: a line for each field that has a value."""
    if format != "table":
        document(format, found)
        return
    said = [(name, cell(value)) for name, value in lines if value not in (None, "", [], {})]
    width = max((len(name) for name, _ in said), default=0)
    for name, value in said:
        click.echo(f"{name.ljust(width)}  {paint(value)}")


def document(format: str, found: Any) -> None:
    if format == "yaml":
        documents([found])
    else:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))


def documents(found: Sequence[Any]) -> None:
    """As one stream of YAML."""
    import yaml

    click.echo("---\n".join(yaml.safe_dump(one, sort_keys=False, allow_unicode=True) for one in found), nl=False)


def table(names: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    widths = [max(len(line[i]) for line in [names, *body]) for i in range(len(names))]
    click.echo("  ".join(n.upper().ljust(w) for n, w in zip(names, widths, strict=True)).rstrip())
    for line in body:
        padded = [paint(c) + " " * (w - len(c)) for c, w in zip(line, widths, strict=True)]
        click.echo("  ".join(padded).rstrip())


def cell(value: Any) -> str:
    """One line, without anything that moves a terminal's cursor."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        value = ", ".join(f"{k}={v}" for k, v in value.items()) or "-"
    elif isinstance(value, list | tuple):
        value = ", ".join(str(v) for v in value) or "-"
    return plain(str(value))


def plain(text: str) -> str:
    """Others wrote this text: what could command a terminal is left out."""
    return "".join(c if c.isprintable() else " " for c in text)


def paint(word: str) -> str:
    colour = next((c for c, words in COLOURS.items() if word.lower() in words), None)
    return click.style(word, fg=colour) if colour else word


def short(identity: Any) -> str:
    """The end of an id tells it from others; its beginning is a time."""
    return str(identity or "")[-8:]


def age(moment: Any) -> str:
    """`4 m`, from an ISO time."""
    if not moment:
        return "-"
    at = datetime.fromisoformat(str(moment))
    seconds = (datetime.now(UTC) - (at if at.tzinfo else at.replace(tzinfo=UTC))).total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"


def money(cents: Any) -> str:
    return "-" if cents is None else f"€{int(cents) / 100:,.2f}"


def change(cents: int) -> str:
    """`+€3.00`."""
    return f"{'+' if cents > 0 else '-'}{money(abs(cents))}"


def lively() -> bool:
    """Whether a person watches: progress and questions are for terminals."""
    return sys.stderr.isatty()
