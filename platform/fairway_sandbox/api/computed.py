"""Kinds that are not stored: resource figures, and what the caller may do."""

from fairway_sandbox import selectors
from fairway_sandbox.api.request import Request
from fairway_sandbox.api.rooms import Rooms
from fairway_sandbox.errors import no_such_method, not_found
from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json

USER = {"username": "sandbox-admin", "groups": ["system:masters", "system:authenticated"]}
ALL_RULES = {
    "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
    "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
    "incomplete": False,
}
REVIEWS: dict[str, Json] = {
    "selfsubjectaccessreviews": {"allowed": True, "reason": "the sandbox has one user, who may do everything"},
    "selfsubjectrulesreviews": ALL_RULES,
    "selfsubjectreviews": {"userInfo": USER},
}


async def answer(rooms: Rooms, request: Request, kind: Kind, namespace: str | None, name: str) -> None:
    if kind.plural in REVIEWS:
        if request.method != "POST":
            raise no_such_method()
        await request.answer_json({**request.object(), "status": REVIEWS[kind.plural]}, 201)
        return
    if request.method != "GET":
        raise no_such_method()
    figures = _figures(rooms, request, kind, namespace)
    if not name:
        head = {"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": {}}
        await request.answer_json({**head, "items": figures})
        return
    found = next((f for f in figures if f["metadata"]["name"] == name), None)
    if found is None:
        raise not_found(kind, name)
    await request.answer_json(found)


def _figures(rooms: Rooms, request: Request, kind: Kind, namespace: str | None) -> list[Json]:
    if kind.plural == "nodes":
        return rooms.kubelet.usage.of_nodes(e.obj["metadata"]["name"] for e in rooms.store.every("nodes"))
    predicate = selectors.predicate(request.query.get("labelSelector"), None, kind.kind)
    pods = [p for p in rooms.kubelet.pods.values() if not namespace or p.namespace == namespace]
    return rooms.kubelet.usage.of_pods(p for p in pods if predicate is None or predicate(p.obj))
