"""`fairway sandbox start`: the embedded cluster alone."""

import os
import sys

import click


@click.group()
def sandbox() -> None:
    """The embedded cluster by itself."""


@sandbox.command()
@click.option("--data-dir", "data_dir", required=True, metavar="D", help="Where its objects and volumes are kept.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Where its API listens; 0 takes a free one.")
@click.option("--kubeconfig", required=True, metavar="FILE", help="Where to write how to reach it.")
def start(data_dir: str, port: int, kubeconfig: str) -> None:
    """Run the cluster until Ctrl-C; kubectl works with the kubeconfig that it writes."""
    options = ["--data-dir", data_dir, "--port", str(port), "--kubeconfig", kubeconfig]
    os.execv(sys.executable, [sys.executable, "-m", "fairway_sandbox", *options])
