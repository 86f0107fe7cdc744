"""The documents name commands and files that exist."""

import json
import re
import shlex
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import click
import pytest

from fairway.cli.program import fairway

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands() -> Iterator[tuple[str, str, bool]]:
    """Document, command line, and whether it is whole: in a code block, not named between backticks."""
    for document in DOCUMENTS:
        text = document.read_text()
        blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
        lines = [line.strip() for block in blocks for line in block.splitlines()]
        lines = [re.sub(r"^\w+=\$\((.*)\)$", r"\1", line) for line in lines]
        spoken = re.findall(r"`(fairway [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
        found = [(line, True) for line in lines] + [(line, False) for line in spoken]
        yield from (
            (document.name, " ".join(line.split()), whole)
            for line, whole in found
            if line.startswith("fairway ") and not line.startswith("fairway COMMAND")
        )


def parse(words: list[str]) -> None:
    """Raises click.UsageError for a command, option or argument that does not exist. Runs nothing."""
    command: click.Command = fairway
    parent = None
    while True:
        group = isinstance(command, click.Group)
        with command.make_context(words[0] if words else "fairway", words, parent=parent) as context:
            parent = context
            if not group:
                return
            rest = [*context._protected_args, *context.args]
            if not rest:
                return
            assert isinstance(command, click.Group)
            _, found, words = command.resolve_command(context, rest)
            assert found is not None
            command = found


@pytest.mark.parametrize(("document", "line", "whole"), sorted(set(commands())))
def test_every_command_that_is_told_exists(document: str, line: str, whole: bool) -> None:
    words = shlex.split(line, comments=True)[1:]
    if words[-1:] == ["--help"]:
        words.pop()
    try:
        parse(words)
    except click.MissingParameter:
        assert not whole, f"{document}: {line}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)\s#]+)[^)]*\)", document.read_text())
    missing = [one for one in targets if "://" not in one and not (document.parent / one).exists()]
    assert not missing


def keys(schema: dict[str, Any]) -> Iterator[str]:
    """The names of an object's properties, and of those of the objects in it."""
    for name, below in schema.get("properties", {}).items():
        yield name
        yield from keys(below)
        yield from keys(below.get("items", {}))


def test_every_key_of_an_offering_is_explained() -> None:
    schema = json.loads((resources.files("fairway_catalog") / "offering.schema.json").read_text())
    text = (ROOT / "docs" / "offerings.md").read_text()
    chapter = text.partition("### The document")[2].partition("### The program")[0]
    told = set(re.findall(r"`(\w+)(?:: [^`]*)?`", chapter))
    assert {"program", "secret_variable", "quantile", "storage"} <= set(keys(schema))
    assert set(keys(schema)) - told == set()


def test_a_command_that_does_not_exist_is_found_out() -> None:
    for words in (["teleport"], ["chaos", "unleash"], ["scale", "web", "5", "--sideways"], ["scale"]):
        with pytest.raises(click.UsageError):
            parse(words)
