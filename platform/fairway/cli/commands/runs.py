"""`fairway runs`: what was done and is being done; `fairway approve` and `reject`."""

from typing import Any

import click

from fairway.cli import changes, followers, output, progress, targets
from fairway.cli.caller import Caller, common, pass_caller, placed
from fairway.cli.failure import NOT_FOUND, Failure
from fairway.cli.groups import NounGroup


@click.group(cls=NounGroup)
def runs() -> None:
    """List, show, watch, cancel and retry runs."""


@runs.command("list")
@click.option("--resource", help="Only of this resource.")
@click.option("--state", help="Only in this state, such as failed.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@placed
@pass_caller
def list_runs(caller: Caller, resource: str | None, state: str | None, limit: int) -> None:
    """The newest runs."""
    columns: list[output.Column] = [
        ("id", lambda r: output.short(r["id"])),
        ("operation", lambda r: r["operation"]),
        ("resource", lambda r: f"{r['resource']['service']}/{r['resource']['environment']}/{r['resource']['name']}"),
        ("state", lambda r: r["state"]),
        ("by", lambda r: r["requested_by"]),
        ("seconds", lambda r: f"{r['seconds']:.1f}"),
        ("age", lambda r: output.age(r["created_at"])),
    ]
    of = targets.find(caller, resource)["id"] if resource else None
    found = caller.client.pages("/runs", limit, resource=of, state=state)
    output.rows(caller.format, found, columns, "No runs yet.")


@runs.command("show")
@click.argument("run")
@common
@pass_caller
def show_run(caller: Caller, run: str) -> None:
    """One run: what it does, why it waits, why it failed."""
    found = caller.client.get(f"/runs/{identify(caller, run)}")
    error, waiting, decision = found.get("error") or {}, found.get("waiting") or {}, found.get("decision") or {}
    place = found["resource"]
    lines = [
        ("operation", f"{found['operation']} of {place['service']}/{place['environment']}/{place['name']}"),
        ("state", found["state"]),
        ("waits", ": ".join(filter(None, (waiting.get("message"), waiting.get("cause"))))),
        ("error", error.get("message")),
        *[("", progress.cause(c)) for c in error.get("causes") or []],
        ("next", error.get("hint")),
        ("by", found["requested_by"]),
        ("reason", found["reason"]),
        ("decision", decision and f"{decision['decision']} by {decision['by']} {decision['comment']}".strip()),
        *followers.lines(found),
        ("seconds", f"{found['seconds']:.1f}"),
        ("id", found["id"]),
    ]
    output.one(caller.format, found, lines)


@runs.command("watch")
@click.argument("run")
@common
@pass_caller
def watch_run(caller: Caller, run: str) -> None:
    """Follow a run until it ends, through its approval, and the deployments that take a new password after it."""
    found = progress.follow(caller, identify(caller, run), through_approval=True)
    if caller.format != "table":
        output.document(caller.format, found)
    progress.conclude(found)
    followers.follow(caller, found)


@runs.command("cancel")
@click.argument("run")
@common
@pass_caller
def cancel_run(caller: Caller, run: str) -> None:
    """Cancel a run: at once when it has not begun, else after the steps in flight."""
    found = caller.client.post(f"/runs/{identify(caller, run)}/cancellation")
    _told(caller, found, "Cancelling" if found["state"] not in progress.ENDED else "Cancelled")


@runs.command("retry")
@click.argument("run")
@click.option("--no-wait", is_flag=True, help="Do not wait for its end.")
@common
@pass_caller
def retry_run(caller: Caller, run: str, no_wait: bool) -> None:
    """Do again what failed or was cancelled."""
    answer = caller.client.ask("POST", f"/runs/{identify(caller, run)}/retry", {})
    changes.finish(caller, changes.run_of(answer.headers, answer.document), not no_wait)


def _decision(decision: str, word: str, text: str) -> click.Command:
    @click.command(decision, help=text)
    @click.argument("run")
    @click.option("--comment", "-m", default="", help="Why.")
    @common
    @pass_caller
    def decide(caller: Caller, run: str, comment: str) -> None:
        body = {"decision": decision, "comment": comment}
        _told(caller, caller.client.post(f"/runs/{identify(caller, run)}/approval", body), word)

    return decide


approve = _decision("approve", "Approved", "Let a run go on that waits for another person.")
reject = _decision("reject", "Rejected", "End a run that waits for another person.")


def identify(caller: Caller, ref: str) -> str:
    """The whole id, from its short form too."""
    if len(ref) != 8:
        return ref
    found = [r["id"] for r in caller.client.pages("/runs", 1000) if output.short(r["id"]) == ref]
    if not found:
        raise Failure(f"There is no run {ref} of yours", "`fairway runs` lists them.", code=NOT_FOUND)
    return str(found[0])


def _told(caller: Caller, found: dict[str, Any], word: str) -> None:
    if caller.format == "table":
        click.echo(f"{word} {found['operation']} of {found['resource']['name']}.", err=True)
    else:
        output.document(caller.format, found)
