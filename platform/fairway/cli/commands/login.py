"""`fairway login`: a link for the browser, or a login of the command line; `fairway logout`."""

import os
import sys

import click

from fairway.cli import config, output
from fairway.cli.caller import Caller, common, pass_caller
from fairway.cli.client import Client
from fairway.cli.failure import usage


@click.command()
@click.argument("url", required=False)
@common
@pass_caller
def login(caller: Caller, url: str | None) -> None:
    """Print a new one-time sign-in link; with URL, keep a token for that server.

    The token is asked for, or read from standard input, or taken from FAIRWAY_TOKEN. The browser makes one under your
    name, `fairway token create` on a machine that is signed in.
    """
    if url:
        _keep_token(caller, url)
        return
    link = caller.client.post("/sign-in-links")
    if caller.format == "table":
        click.echo(link["url"])
        click.echo("Works once, for 15 minutes.", err=True)
    else:
        output.document(caller.format, link)


def _keep_token(caller: Caller, url: str) -> None:
    client = Client(url, _token(caller))
    me = client.get("/whoami")
    config.keep("login", {"url": client.url, "token": client.token})
    click.echo(f"Signed in to {client.url} as {me['name']}.", err=True)


def _token(caller: Caller) -> str:

    given = caller.token or os.environ.get("FAIRWAY_TOKEN", "")
    if not given:
        given = click.prompt("API token", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    if not given.strip():
        raise usage("There was no token", "Give it on standard input or in FAIRWAY_TOKEN.")
    return given.strip()


@click.command()
def logout() -> None:
    """Forget the token that `fairway login URL` kept."""
    kept = config.section("login")
    config.keep("login", {})
    click.echo(f"Forgot the token for {kept['url']}." if kept else "There was no login to forget.", err=True)
