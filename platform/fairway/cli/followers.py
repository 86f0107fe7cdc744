"""The deployments that take a new password after a run, each by an update of its own, watched until they have it."""

import time
from collections.abc import Mapping
from typing import Any

import click

from fairway.cli import output, progress
from fairway.cli.caller import Caller
from fairway.cli.failure import FAILED, INTERRUPTED, Failure

LOOK_EVERY = 0.5
DECIDES = "awaiting_approval"


def follow(caller: Caller, run: Mapping[str, Any]) -> None:
    """Until each has ended, or waits for another person. Raises Failure when one did not succeed."""
    found = run.get("followers") or ()
    if found:
        names = ", ".join(_path(follower) for follower in found)
        click.echo(f"Now {names} {'follows' if len(found) == 1 else 'follow'} with the new password.", err=True)
    missing = [name for follower in found if (name := _one(caller, str(run["id"]), follower))]
    if missing:
        sentence = f"{run['resource']['name']} has a new password, which {' and '.join(missing)} did not take"
        raise Failure(sentence, f"`fairway runs {output.short(run['id'])}` tells more.", code=FAILED)


def lines(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    """For the description of a run."""
    found = [("follower", _line(follower)) for follower in run.get("followers") or ()]
    return found + ([("follows", output.short(run["follows"]))] if run.get("follows") else [])


def _one(caller: Caller, run_id: str, follower: Mapping[str, Any]) -> str:
    """Its name when it did not follow."""
    found = _begun(caller, run_id, follower)
    if found is None:
        return ""
    if not found["run"]:
        click.echo(f"{_path(found)} does not follow: {found['detail']}.", err=True)
        return ""
    try:
        progress.conclude(progress.follow(caller, found["run"]))
    except Failure as failure:
        if failure.code == INTERRUPTED:
            raise
        click.echo(failure.line(), err=True)
        return _path(found)
    return ""


def _begun(caller: Caller, run_id: str, follower: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """With its run, or the reason why there is none; None when it waits for what a person must decide first."""
    told = False
    try:
        while follower["state"] == "waiting":
            if _waits_for_a_person(caller, follower):
                click.echo(
                    f"{_path(follower)} follows once `fairway approve {output.short(follower['waits_for'])}`"
                    " (or reject) is said to its present run, and that has ended.",
                    err=True,
                )
                return None
            if not told:
                click.echo(f"{_path(follower)} is busy with another run, and follows when that ends.", err=True)
            told = True
            time.sleep(LOOK_EVERY)
            found = caller.client.get(f"/runs/{run_id}")["followers"]
            follower = next(one for one in found if one["id"] == follower["id"])
    except KeyboardInterrupt as stop:
        raise Failure("Stopped watching; the deployments follow all the same", code=INTERRUPTED) from stop
    return follower


def _waits_for_a_person(caller: Caller, follower: Mapping[str, Any]) -> bool:
    return bool(follower["waits_for"]) and caller.client.get(f"/runs/{follower['waits_for']}")["state"] == DECIDES


def _path(follower: Mapping[str, Any]) -> str:
    return f"{follower['service']}/{follower['name']}"


def _line(follower: Mapping[str, Any]) -> str:
    said = [_path(follower), str(follower["state"]).replace("_", " ")]
    said += [output.short(follower["run"])] if follower["run"] else []
    return " ".join(said) + (f": {follower['detail']}" if follower["detail"] else "")
