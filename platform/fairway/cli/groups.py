"""Commands that are found when they are called for, and nouns that list and show by themselves."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """table: command -> `module:attribute` below fairway.cli.commands."""

    def __init__(self, *arguments: Any, table: Mapping[str, str], **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        module, _, attribute = self.table[cmd_name].partition(":")
        found: click.Command = getattr(import_module(f"fairway.cli.commands.{module}"), attribute)
        return found


class NounGroup(click.Group):
    """`fairway runs` lists, `fairway runs ID` shows, `fairway runs cancel ID` does: each noun with what it has."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = args[0] if args else ""
        if first not in self.commands and first not in ctx.help_option_names:
            default = "list" if not first or first.startswith("-") else "show"
            if default in self.commands:
                args = [default, *args]
        return super().parse_args(ctx, args)
