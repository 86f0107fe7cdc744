"""One operation in a process of its own, so that a program that hangs or breaks takes nothing with it.

    python -m fairway_stacks.automation.job < job.json

It answers with one line of JSON on the file descriptor that the job names; what the program prints goes to stderr.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pulumi
from pulumi import automation
from pulumi.automation.errors import CommandError, ConcurrentUpdateError, StackNotFoundError

from fairway_stacks.automation.command import Command
from fairway_stacks.running import finding

ORGANIZATION = "organization"


def main() -> None:
    job = json.loads(sys.stdin.read())
    command = Command(Path(job["log"]), job["root"])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: command.stop())
    answer = perform(job, command)
    with open(job["answer"], "w") as asker:
        json.dump(answer, asker)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def perform(job: Mapping[str, Any], command: Command) -> dict[str, Any]:
    try:
        return {"ended": "done", **OPERATIONS[job["operation"]](job, command)}
    except ConcurrentUpdateError as error:
        return {"ended": "locked", "message": said(error)}
    except StackNotFoundError as error:
        return {"ended": "missing", "message": said(error)}
    except CommandError as error:
        return {"ended": "stopped" if command.stopped else "failed", "message": said(error)}


def said(error: CommandError) -> str:
    """What the CLI wrote to stderr, or else the end of what it wrote at all."""
    _, _, stderr = str(error).partition("\n stderr: ")
    return stderr.strip() or str(error)[-2000:].strip()


def preview(job: Mapping[str, Any], command: Command) -> dict[str, Any]:
    """A stack that is there only for its preview goes with it."""
    workspace = _workspace(job, command)
    fresh = _select(job, workspace) is None
    stack = _stack(job, workspace)
    try:
        with _summary_in_our_log():
            stack.preview(color="never")
    finally:
        if fresh:
            workspace.remove_stack(stack.name, preserve_config=True)
    return {}


def up(job: Mapping[str, Any], command: Command) -> dict[str, Any]:
    result = _stack(job, _workspace(job, command)).up(color="never", suppress_progress=True)
    return {"outputs": _outputs(result.outputs)}


def refresh(job: Mapping[str, Any], command: Command) -> dict[str, Any]:
    stack = _stack(job, _workspace(job, command))
    stack.refresh(color="never", suppress_progress=True)
    return {"outputs": _outputs(stack.outputs())}


def destroy(job: Mapping[str, Any], command: Command) -> dict[str, Any]:
    _stack(job, _workspace(job, command)).destroy(color="never", suppress_progress=True)
    return {}


def preview_destroy(job: Mapping[str, Any], command: Command) -> dict[str, Any]:
    stack = _existing(job, command)
    with _summary_in_our_log():
        stack.preview_destroy(color="never", suppress_progress=True)
    return {}


def outputs(job: Mapping[str, Any], command: Command) -> dict[str, Any]:
    return {"outputs": _outputs(_existing(job, command).outputs())}


def export(job: Mapping[str, Any], command: Command) -> dict[str, Any]:
    state = _existing(job, command).export_stack()
    return {"document": {"version": state.version, "deployment": state.deployment}}


def import_(job: Mapping[str, Any], command: Command) -> dict[str, Any]:
    document = job["document"]
    state = automation.Deployment(version=document["version"], deployment=document["deployment"])
    _stack(job, _workspace(job, command)).import_stack(state)
    return {}


def remove(job: Mapping[str, Any], command: Command) -> dict[str, Any]:
    stack = _existing(job, command)
    stack.workspace.remove_stack(stack.name, preserve_config=True)
    return {}


def unlock(job: Mapping[str, Any], command: Command) -> dict[str, Any]:
    """Deletes the locks of a process that is known to have ended."""
    _existing(job, command).cancel()
    return {}


OPERATIONS: Mapping[str, Callable[[Mapping[str, Any], Command], dict[str, Any]]] = {
    f.__name__: f for f in (preview, up, refresh, destroy, preview_destroy, outputs, export, import_, remove, unlock)
}


@contextmanager
def _summary_in_our_log() -> Iterator[None]:
    """After a preview the SDK looks for a summary in a log of its own, which the CLI did not write."""
    try:
        yield
    except RuntimeError as error:
        if "summary event" not in str(error):
            raise


def _workspace(job: Mapping[str, Any], command: Command) -> automation.LocalWorkspace:
    return automation.LocalWorkspace(
        work_dir=job["folder"],
        program=_program(job["program"]),
        env_vars=job["environment"],
        pulumi_command=command,
    )


def _program(path: str) -> Callable[[], None]:
    """Looked up when it runs: then a program that cannot even be imported fails as a program."""

    def run() -> None:
        try:
            main = finding.find(path)
        except finding.NoProgram as error:
            raise pulumi.RunError(str(error)) from error
        main()

    return run


def _name(job: Mapping[str, Any]) -> str:
    return f"{ORGANIZATION}/{job['project']}/{job['stack']}"


def _stack(job: Mapping[str, Any], workspace: automation.LocalWorkspace) -> automation.Stack:
    return automation.Stack.create_or_select(_name(job), workspace)


def _existing(job: Mapping[str, Any], command: Command) -> automation.Stack:
    return automation.Stack.select(_name(job), _workspace(job, command))


def _select(job: Mapping[str, Any], workspace: automation.LocalWorkspace) -> automation.Stack | None:
    try:
        return automation.Stack.select(_name(job), workspace)
    except StackNotFoundError:
        return None


def _outputs(found: Mapping[str, automation.OutputValue]) -> dict[str, Any]:
    return {name: {"value": output.value, "secret": output.secret} for name, output in found.items()}


if __name__ == "__main__":
    main()
