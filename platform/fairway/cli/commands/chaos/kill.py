"""`fairway chaos kill`."""

from typing import Any

import click

from fairway.cli import changes, targets, trials
from fairway.cli.caller import Caller, pass_caller, placed
from fairway.cli.failure import usage

METHODS = ("delete", "force", "evict", "pdb-probe")


@click.command()
@click.argument("name")
@click.option("--count", type=click.IntRange(1), help="How many pods; without it one.")
@click.option("--percent", type=click.FloatRange(0, 100, min_open=True), help="Which share of them, rounded up.")
@click.option("--seed", type=click.IntRange(0), help="Draws the same pods again; without it a new one is drawn.")
@click.option("--method", type=click.Choice(METHODS), default="delete", show_default=True)
@click.option("--recovery", type=float, metavar="SECONDS", help="Must be whole by then.")
@click.option("--availability", type=float, metavar="RATIO", help="Share of good probes until then, such as 0.99.")
@click.option("--baseline", type=float, default=0, show_default=True, metavar="SECONDS", help="Probes before the kill.")
@click.option("--after", type=float, default=0, show_default=True, metavar="SECONDS", help="Probes after recovery.")
@click.option("--duration", type=float, default=120, show_default=True, metavar="SECONDS", help="Longest wait.")
@click.option("--allow-outage", is_flag=True, help="Even if nothing of it is left meanwhile; an owner's.")
@click.option("--confirm", default="", metavar="NAME", help="What goes down; with --yes it need not be said again.")
@changes.consent
@placed
@pass_caller
def kill(
    caller: Caller,
    /,
    name: str,
    method: str,
    count: int | None,
    percent: float | None,
    seed: int | None,
    allow_outage: bool,
    confirm: str,
    yes: bool,
    no_wait: bool,
    **given: Any,
) -> None:
    """Kill pods of a resource, and measure its recovery.

    delete gives a pod its own time to end, force none, evict asks the PodDisruptionBudget, pdb-probe takes as many as
    that allows.
    """
    if count is not None and percent is not None:
        raise usage("--count and --percent exclude each other")
    if method == "pdb-probe" and (count is not None or percent is not None):
        raise usage("pdb-probe takes as many pods as the budget allows", "Leave --count and --percent out.")
    action = {"method": method, "count": count, "percent": percent, "seed": seed}
    hypothesis = {key: given[key] for key in ("recovery", "availability") if given[key] is not None}
    service, environment, bare = targets.parts(caller, name)
    spec: dict[str, Any] = {
        "resource": bare,
        **{key: value for key, value in (("service", service), ("environment", environment)) if value},
        "action": {key: value for key, value in action.items() if value is not None},
        **{key: given[key] for key in ("baseline", "after", "duration")},
        **({"hypothesis": hypothesis} if hypothesis else {}),
    }
    if allow_outage:
        typed = confirm or (_typed(caller, bare) if yes else "")
        spec |= {"allow_outage": True, **({"confirm": typed} if typed else {})}
    trials.start(caller, spec, yes=yes, wait=not no_wait)


def _typed(caller: Caller, ref: str) -> str:
    """With --yes the name in the command is the confirmation."""
    return str(targets.find(caller, ref)["name"]) if targets.IDENTITY.fullmatch(ref) else ref
