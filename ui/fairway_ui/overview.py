"""The overview: what needs a person first, then services by health, then what is going on."""

from dataclasses import dataclass
from typing import Any

from litestar import get
from litestar.response import Template
from sqlmodel import Session

from fairway.domain import environments, resources, runs, services, teams, trials
from fairway.domain.actor import Actor
from fairway.domain.documents import ResourceDocument, RunDocument
from fairway.models import RunState
from fairway_ui import shell
from fairway_ui.words import resource_state

WORST_FIRST = ("failing", "degraded", "drifted", "waiting", "working", "unknown", "healthy", "stopped")
MOST = 500


@dataclass(frozen=True)
class Need:
    """One thing that needs a person."""

    mark: str
    word: str
    name: str
    url: str
    where: str
    why: str
    since: str
    act: str


@get("/", sync_to_thread=True)
def show_overview(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor) -> Template:
    with context.database.read() as session:
        living = resources.documents(session, resources.visible(session, actor, limit=MOST))
        if not living:
            return shell.page(
                request,
                session,
                "overview/first_run.html",
                here="Overview",
                environments=environments.everywhere(session, actor),
                clusters=environments.clusters(session, actor),
                teams=teams.visible(session, actor),
            )
        return shell.page(request, session, "overview/index.html", here="Overview", **_values(session, actor, living))


@get("/overview/attention", sync_to_thread=True)
def show_attention(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor) -> Template:
    """The part that is polled."""
    with context.database.read() as session:
        living = resources.documents(session, resources.visible(session, actor, limit=MOST))
        return shell.fragment(request, "overview/_live.html", **_values(session, actor, living))


def _values(session: Session, actor: Actor, living: list[ResourceDocument]) -> dict[str, Any]:
    waiting = runs.documents(session, runs.visible(session, actor, state=RunState.AWAITING_APPROVAL))
    owners = {team.id: team.name for team in teams.visible(session, actor)}
    places = [e.name for e in environments.everywhere(session, actor)]
    rows = [_row(s.name, owners.get(s.team_id, ""), living, places) for s in services.visible(session, actor)]
    return {
        "needs": _needs(living, waiting),
        "services": sorted(rows, key=lambda row: (row["rank"], row["name"])),
        "environments": places,
        "resources": living,
        "runs": runs.documents(session, runs.visible(session, actor, limit=8)),
        "trials": trials.documents(session, trials.visible(session, actor, limit=5)),
    }


def _needs(living: list[ResourceDocument], waiting: list[RunDocument]) -> list[Need]:
    found = []
    for document in living:
        mark, word = resource_state(document)
        if mark not in ("failing", "degraded"):
            continue
        where = f"{document['offering']} of {document['service']} in {document['environment']}"
        reasons = " ".join(r["message"] + "." for r in document["health"].get("reasons", []))
        failed = document["state"] == "failed"
        why = reasons or ("The last run failed half-way; its log says why." if failed else "")
        url = f"/resources/{document['id']}"
        at = document["updated_at"] if failed else document["health_at"] or document["updated_at"]
        found.append(Need(mark, word, document["name"], url, where, why, at, "Open"))
    for run in waiting:
        place = run["resource"]
        where = f"{run['operation']} {place['name']} of {place['service']} in {place['environment']}"
        why = f"{run['requested_by']} asks" + (f": {run['reason']}" if run["reason"] else ".")
        name = f"Run {run['id'][-8:]}"
        found.append(Need("waiting", "Approval", name, f"/runs/{run['id']}", where, why, run["created_at"], "Review"))
    return sorted(found, key=lambda need: (_rank(need.mark), need.name))


def _row(name: str, team: str, living: list[ResourceDocument], places: list[str]) -> dict[str, Any]:
    mine = [d for d in living if d["service"] == name]
    cells: dict[str, Any] = {}
    for place in places:
        here = [(resource_state(d), d) for d in mine if d["environment"] == place]
        cells[place] = None
        if here:
            worst = min((state for state, _ in here), key=lambda state: _rank(state[0]))
            cells[place] = {"state": worst, "count": len(here), "version": _version([d for _, d in here])}
    ranks = [_rank(cell["state"][0]) for cell in cells.values() if cell]
    return {
        "name": name,
        "team": team,
        "cells": cells,
        "rank": min(ranks, default=len(WORST_FIRST)),
        "price": sum(d["price"] for d in mine),
        "count": len(mine),
    }


def _version(here: list[ResourceDocument]) -> str:
    """The image's tag where there is one deployment."""
    images = [str(d["parameters"].get("image", "")) for d in here if d["offering"] == "deployment"]
    return images[0].rpartition(":")[2] if len(images) == 1 and ":" in images[0] else ""


def _rank(mark: str) -> int:
    return WORST_FIRST.index(mark) if mark in WORST_FIRST else len(WORST_FIRST)


handlers = [show_overview, show_attention]
