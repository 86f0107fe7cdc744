"""The root command, and how it ends."""

import os
import sys
from collections.abc import Sequence

import click

from fairway import __version__
from fairway.cli.caller import placed
from fairway.cli.failure import INTERRUPTED, USAGE, Failure
from fairway.cli.groups import LazyGroup

COMMANDS = {
    "up": "up:up",
    "serve": "serve:serve",
    "sandbox": "sandbox:sandbox",
    "reset": "reset:reset",
    "use": "use:use",
    "whoami": "whoami:whoami",
    "login": "login:login",
    "logout": "login:logout",
    "catalog": "catalog:catalog",
    "list": "list:list_resources",
    "get": "get:get",
    "create": "create:create",
    "deploy": "deploy:deploy",
    "update": "update:update",
    "preview": "preview:preview",
    "scale": "scale:scale",
    "refresh": "refresh:refresh",
    "rotate": "rotate:rotate",
    "rollback": "rollback:rollback",
    "revisions": "rollback:revisions",
    "destroy": "destroy:destroy",
    "protect": "destroy:protect",
    "apply": "apply:apply",
    "diff": "apply:diff",
    "export": "export:export",
    "connect": "connect:connect",
    "logs": "logs:logs",
    "events": "events:events",
    "chaos": "chaos:chaos",
    "runs": "runs:runs",
    "approve": "runs:approve",
    "reject": "runs:reject",
    "team": "team:team",
    "service": "service:service",
    "env": "env:env",
    "token": "token:token",
    "slo": "slo:slo",
    "audit": "audit:audit",
    "completion": "completion:completion",
}


@click.group("fairway", cls=LazyGroup, table=COMMANDS, invoke_without_command=True)
@click.version_option(__version__, message="fairway %(version)s")
@placed
@click.pass_context
def fairway(context: click.Context) -> None:
    """Provision databases, queues and deployments, see their health, and test how they recover."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def run(arguments: Sequence[str]) -> int:
    """The exit code. What fails is told in one line on stderr."""
    try:
        result = fairway.main(list(arguments), prog_name="fairway", standalone_mode=False)
        sys.stdout.flush()
    except Failure as failure:
        return _tell(failure.line(), failure.code)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "fairway"
        return _tell(f"{error.format_message()} `{where} --help` shows how.", USAGE)
    except click.ClickException as error:
        return _tell(error.format_message(), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _tell("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read this has seen enough; Python shall not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return result if isinstance(result, int) else 0


def _tell(line: str, code: int) -> int:
    click.echo(f"fairway: {' '.join(line.split())}", err=True)
    return code
