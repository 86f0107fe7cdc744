"""What every command knows about the call: which server, service, environment, output. Options fill it."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fairway.cli import config, connection
from fairway.cli.failure import usage

if TYPE_CHECKING:
    from fairway.cli.client import Client

F = TypeVar("F", bound=Callable[..., Any])
FORMATS = ("table", "json", "yaml")


@dataclass
class Caller:
    """The click context's object. Empty strings are what was not said."""

    url: str = ""
    token: str = ""
    data: str = ""
    output: str = ""
    service_option: str = ""
    environment_option: str = ""

    @property
    def data_dir(self) -> Path:
        from fairway.settings import default_data_dir

        given = self.data or os.environ.get("FAIRWAY_DATA_DIR", "")
        return Path(given).expanduser().absolute() if given else default_data_dir()

    @property
    def connection(self) -> connection.Connection:
        named = bool(self.data or os.environ.get("FAIRWAY_DATA_DIR"))
        return connection.resolve(self.url, self.token, self.data_dir, named)

    @cached_property
    def client(self) -> "Client":
        from fairway.cli.client import Client  # not in `fairway up`, which stays for as long as the platform does

        found = self.connection

        def renewed() -> str:
            now = self.connection
            return now.token if now.url == found.url else found.token

        return Client(found.url, found.token, renewed)

    @property
    def format(self) -> str:
        return self.output or "table"

    @property
    def service(self) -> str:
        given = self.service_option or os.environ.get("FAIRWAY_SERVICE", "")
        return given or config.section("use").get("service", "")

    @property
    def environment(self) -> str:
        given = self.environment_option or os.environ.get("FAIRWAY_ENV", "")
        return given or config.section("use").get("environment", "")

    def need_service(self) -> str:
        if not self.service:
            raise usage("Say which service", "Add -s NAME (a new one is made), or set it once with `fairway use NAME`.")
        return self.service

    def need_environment(self) -> str:
        if not self.environment:
            there = ", ".join(row["name"] for row in self.client.get("/environments"))
            raise usage("Say which environment", f"Add -e NAME (there are {there}), or `fairway use SERVICE NAME`.")
        return self.environment


pass_caller = click.make_pass_decorator(Caller, ensure=True)


def _keep(attribute: str) -> Callable[[click.Context, click.Parameter, str | None], None]:
    def callback(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value:
            setattr(context.ensure_object(Caller), attribute, value)

    return callback


def _option(*names: str, attribute: str, **more: Any) -> Callable[[F], F]:
    # A name of its own: `fairway use SERVICE` has an argument of the same word.
    return click.option(*names, f"said_{attribute}", expose_value=False, callback=_keep(attribute), **more)


def common(function: F) -> F:
    """Adds the options that every command has."""
    for add in (
        _option("--data-dir", attribute="data", metavar="D", help="The platform of this data directory."),
        _option("--token", attribute="token", metavar="TOKEN", help="An API token; better in FAIRWAY_TOKEN."),
        _option("--url", attribute="url", metavar="URL", help="The server; also FAIRWAY_URL."),
        _option("-o", "--output", attribute="output", type=click.Choice(FORMATS), help="table, json or yaml."),
    ):
        function = add(function)
    return function


def placed(function: F) -> F:
    """Adds -s and -e."""
    for add in (
        _option(
            "-e", "--env", attribute="environment_option", metavar="NAME", help="The environment; also FAIRWAY_ENV."
        ),
        _option(
            "-s", "--service", attribute="service_option", metavar="NAME", help="The service; also FAIRWAY_SERVICE."
        ),
    ):
        function = add(function)
    return common(function)
