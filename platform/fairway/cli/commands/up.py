"""`fairway up`: a whole platform on this machine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

from fairway.cli import connection
from fairway.cli.caller import Caller, pass_caller
from fairway.cli.failure import Failure, usage


@click.command()
@click.option("--data-dir", "data_dir", metavar="D", help="Where everything is kept; also FAIRWAY_DATA_DIR.")
@click.option("--port", type=click.IntRange(1, 65535), help="Where the server listens; also FAIRWAY_PORT.")
@pass_caller
def up(caller: Caller, data_dir: str | None, port: int | None) -> None:
    """Start the platform here and print a sign-in link; Ctrl-C ends it, a second `up` resumes it.

    Without FAIRWAY_KUBECONFIG it brings its own cluster, the sandbox.
    """
    from fairway.cli import ports
    from fairway.cli.hold import Hold
    from fairway.cli.supervisor import Supervisor
    from fairway.settings import BadSetting, load

    caller.data = data_dir or caller.data
    known = {"FAIRWAY_DATA_DIR": str(caller.data_dir), **({"FAIRWAY_PORT": str(port)} if port else {})}
    try:
        settings = load({**os.environ, **known})
        settings.make_data_dir()
    except BadSetting as error:
        raise usage(str(error)) from error
    with Hold(settings.data_dir):
        ports.require_free(settings.host, settings.port)
        (settings.data_dir / "server.json").unlink(missing_ok=True)
        click.echo("Starting...", err=True)
        Supervisor(settings, lambda: _welcome(settings.data_dir)).run()


def _welcome(data_dir: Path) -> None:
    server = connection.local(data_dir)
    if server is None:
        raise Failure(f"The server is ready but left no {data_dir / 'server.json'}", f"See {data_dir / 'logs'}.")
    click.echo(f"Fairway runs at {server.url}")
    click.echo(f"Sign in (once, within 15 minutes): {_link(data_dir)}")
    click.echo("Ctrl-C ends it, a second start resumes it; `fairway login` prints a new link.")
    folder = Path(sys.executable).parent
    if shutil.which("fairway") is None and (folder / "fairway").exists():
        click.echo(f'To have `fairway` in other terminals: export PATH="{folder}:$PATH"')
    sys.stdout.flush()


def _link(data_dir: Path) -> str:
    """Asked for by another process: this one stays, and needs no HTTP client for the rest of its life."""
    command = [sys.executable, "-m", "fairway.cli", "login", "--data-dir", str(data_dir)]
    environment = {k: v for k, v in os.environ.items() if k not in ("FAIRWAY_URL", "FAIRWAY_TOKEN")}
    said = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if said.returncode:
        raise Failure(f"The server is ready but gives no sign-in link: {said.stderr}", f"See {data_dir / 'logs'}.")
    return said.stdout.strip()
