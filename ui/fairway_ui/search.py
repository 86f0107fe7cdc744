"""Search or jump to: services, teams, environments, offerings and actions by a part of their name."""

from dataclasses import dataclass

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template
from sqlmodel import Session

from fairway.domain import environments, experiments, resources, services, teams, trials
from fairway.domain.actor import Actor
from fairway_ui import shell

MOST = 8


@dataclass(frozen=True)
class Hit:
    kind: str
    name: str
    url: str
    note: str = ""


@get("/search", sync_to_thread=True)
def search(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, q: FromQuery[str] = "") -> Template:
    with context.database.read() as session:
        groups = _groups(session, context, actor, q.strip().lower())
        if shell.is_htmx(request):
            return shell.fragment(request, "search/_hits.html", groups=groups, q=q)
        return shell.page(request, session, "search/index.html", groups=groups, q=q)


def _groups(session: Session, context: shell.AContext, actor: Actor, words: str) -> dict[str, list[Hit]]:
    living = resources.documents(session, resources.visible(session, actor, limit=500))
    hits = [
        *(Hit("Services", s.name, f"/services/{s.name}", s.summary) for s in services.visible(session, actor)),
        *(
            Hit(
                "Resources",
                f"{d['name']}, {d['environment']}",
                f"/resources/{d['id']}",
                f"{d['offering']} of {d['service']}",
            )
            for d in living
        ),
        *(
            Hit(
                "Trials",
                d["title"],
                f"/trials/{d['id']}",
                f"{d['name']} in {d['environment']}, {d['verdict'] or 'running'}",
            )
            for d in trials.documents(session, trials.visible(session, actor, limit=40))
        ),
        *(
            Hit("Experiments", e.name, f"/resources/{e.resource_id}/chaos?experiment={e.id}")
            for e in experiments.visible(session, actor)
        ),
        *(Hit("Teams", t.name, f"/teams/{t.name}", t.title) for t in teams.visible(session, actor)),
        *(Hit("Environments", e.name, f"/environments/{e.name}") for e in environments.everywhere(session, actor)),
        *(Hit("Actions", f"Create {o.title}", f"/create/{o.name}", o.summary) for o in context.catalog),
        *(
            Hit(
                "Actions", f"Break something in {d['name']}, {d['environment']}", f"/resources/{d['id']}/chaos", "chaos"
            )
            for d in living
            if d["state"] == "ready"
        ),
        Hit("Actions", "Stop all trials", "/chaos#kill-switch", "chaos kill switch"),
        Hit("Actions", "See what is left of each error budget", "/slos", "slo objective burn"),
        Hit("Actions", "Make an API token", "/tokens"),
        Hit("Actions", "Read the API reference", "/reference", "rest openapi"),
    ]
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        found = groups.setdefault(hit.kind, [])
        if all(word in f"{hit.name} {hit.note}".lower() for word in words.split()) and len(found) < MOST:
            found.append(hit)
    return {kind: found for kind, found in groups.items() if found}


handlers = [search]
