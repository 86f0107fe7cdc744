"""The Pulumi CLI as a process that can be asked to stop; the SDK's own class hides it."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from pulumi.automation import PulumiCommand
from pulumi.automation._cmd import CommandResult
from pulumi.automation.errors import create_command_error

LOGGED = ("up", "preview", "refresh", "destroy")
OnOutput = Callable[[str], object]


class Command(PulumiCommand):
    """Writes the events of what it runs to `log`, as the CLI tells them."""

    def __init__(self, log: Path, root: str | None = None) -> None:
        super().__init__(root=root)
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self.stopped = False

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> CommandResult:
        if self.stopped:
            raise create_command_error(CommandResult(stdout="", stderr="the operation was cancelled", code=1))
        logged = ["--event-log", str(self._log)] if args[0] in LOGGED else []
        environment = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        with subprocess.Popen(
            [self.command, "--non-interactive", *args, *logged],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=environment,
            encoding="utf-8",
        ) as process:
            self._process = process
            result = _finish(process, on_output, on_error)
        if result.code != 0:
            raise create_command_error(result)
        return result

    def stop(self) -> None:
        """As ^C does: steps in flight end, the lock is given back."""
        self.stopped = True
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)


def _finish(process: "subprocess.Popen[str]", on_output: OnOutput | None, on_error: OnOutput | None) -> CommandResult:
    assert process.stdout is not None
    assert process.stderr is not None
    errors: list[str] = []
    reader = threading.Thread(target=_drain, args=(process.stderr, errors, on_error))
    reader.start()
    output: list[str] = []
    _drain(process.stdout, output, on_output)
    reader.join()
    code = process.wait()
    return CommandResult(stdout="\n".join(output), stderr="\n".join(errors), code=code)


def _drain(stream: IO[str], lines: list[str], tell: OnOutput | None) -> None:
    for line in stream:
        lines.append(line.rstrip())
        if tell is not None:
            tell(lines[-1])
