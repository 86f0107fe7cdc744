"""A run, followed live over server-sent events until it ends."""

from collections.abc import Mapping
from typing import Any

import click

from fairway.cli import following, output
from fairway.cli.board import Board
from fairway.cli.caller import Caller
from fairway.cli.client import Event
from fairway.cli.failure import FAILED, Failure

ENDED = ("succeeded", "failed", "cancelled", "interrupted")
WORDS = {"create": "creating", "update": "changing", "delete": "removing", "replace": "replacing", "read": "reading"}
NOUNS = {"rotate": "rotation"}


def follow(caller: Caller, run_id: str, *, through_approval: bool = False) -> dict[str, Any]:
    """The run's document once it has ended, or waits for another person. A server that restarts is waited for."""
    over = ENDED if through_approval else (*ENDED, "awaiting_approval")
    hint = f"`fairway runs watch {output.short(run_id)}` looks again, `fairway runs cancel` ends it."
    return following.follow(
        caller,
        f"/runs/{run_id}",
        Steps(),
        is_over=lambda run: run["state"] in over,
        is_last=lambda event: event.kind == "done" or (not through_approval and _awaits(event)),
        goes_on=("Stopped watching; the run goes on", hint),
    )


def conclude(run: Mapping[str, Any]) -> None:
    """Says how it ended. Raises Failure for anything but success and a wait for approval."""
    name, operation = run["resource"]["name"], NOUNS.get(run["operation"], run["operation"])
    if run["state"] == "awaiting_approval":
        click.echo(
            f"{operation} of {name} waits for another person: `fairway approve {output.short(run['id'])}`"
            f" (or reject); `fairway runs watch {output.short(run['id'])}` goes on watching.",
            err=True,
        )
        return
    if run["state"] == "succeeded":
        click.echo(f"{operation} of {name} succeeded in {run['seconds']:.1f} s.", err=True)
        return
    error = run.get("error") or {}
    for cause in error.get("causes") or []:
        click.echo(f"  {output.plain(cause(cause))}", err=True)
    decision = run.get("decision") or {}
    why = error.get("message") or (decision.get("decision") == "rejected" and _rejection(decision)) or ""
    sentence = f"{operation} of {name} {run['state']}" + (f": {why}" if why else "")
    hint = error.get("hint") or f"`fairway runs {output.short(run['id'])}` tells more."
    raise Failure(sentence, hint, code=FAILED)


class Steps(Board):
    """A line for each step done, the present one below."""

    def show(self, event: Event) -> None:
        data = event.data if isinstance(event.data, dict) else {}
        if event.kind == "step":
            self._step(data)
        elif event.kind == "state":
            self.status(str(data.get("state", "")).replace("_", " "))
        elif event.kind == "wait" and data.get("waiting"):
            self._wait(data["waiting"])
        elif event.kind == "log" and data.get("severity") in ("warning", "error"):
            self.line(f"{data['severity']}: {data.get('message', '')}")

    def _wait(self, waiting: Mapping[str, Any]) -> None:
        """Why a step is not done yet stays to be read above the status."""
        self.status(f"waits: {waiting.get('message', '')}")
        if waiting.get("code") == "not-ready":
            self.line(f"… {waiting.get('message', '')}: {waiting.get('cause', '')}")

    def _step(self, step: Mapping[str, Any]) -> None:
        operation = str(step.get("op", ""))
        if operation == "same":
            return
        what = f"{str(step.get('type', '')).rsplit(':', 1)[-1]} {step.get('name', '')}"
        if step.get("status") == "running":
            self.status(f"{WORDS.get(operation.split('-')[0], operation)} {what}")
        elif step.get("status") == "failed":
            self.line(f"✗ {operation} {what}")
        else:
            seconds = step.get("seconds")
            self.line(f"✓ {operation} {what}" + (f"  {seconds:.1f} s" if isinstance(seconds, int | float) else ""))


def _awaits(event: Event) -> bool:
    return event.kind == "state" and isinstance(event.data, dict) and event.data.get("state") == "awaiting_approval"


def cause(cause: Any) -> str:
    if isinstance(cause, Mapping):
        return str(cause.get("message") or cause.get("detail") or dict(cause))
    return str(cause)


def _rejection(decision: Mapping[str, Any]) -> str:
    comment = f": {decision['comment']}" if decision.get("comment") else ""
    return f"rejected by {decision.get('by')}{comment}"
