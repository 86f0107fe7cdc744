"""`fairway completion`: the script that makes Tab work."""

import click

from fairway.cli.failure import FAILED, Failure


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    bash: eval "$(fairway completion bash)" in ~/.bashrc; zsh likewise; fish: fairway completion fish | source
    """
    from click.shell_completion import get_completion_class

    from fairway.cli.program import fairway

    kind = get_completion_class(shell)
    if kind is None:
        raise Failure(f"There is no completion for {shell}", code=FAILED)
    click.echo(kind(fairway, {}, "fairway", "_FAIRWAY_COMPLETE").source())
