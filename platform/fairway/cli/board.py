"""What a person sees while something goes on: lines that stay, one status below them; nothing off a terminal."""

import sys
from abc import ABC, abstractmethod

import click

from fairway.cli import output
from fairway.cli.client import Event


class Board(ABC):
    """All of it goes to stderr."""

    def __init__(self) -> None:
        self.lively = output.lively()
        self._status = ""

    @abstractmethod
    def show(self, event: Event) -> None: ...

    def line(self, text: str) -> None:
        if self.lively:
            self.clear()
            click.echo(f"  {output.plain(text)}", err=True)

    def status(self, text: str) -> None:
        if self.lively:
            self.clear()
            self._status = output.plain(text)[:100]
            click.echo(f"  {self._status}...", err=True, nl=False)

    def clear(self) -> None:
        if self.lively and self._status:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._status = ""
