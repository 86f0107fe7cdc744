"""Subresources: status, scale, eviction, log, proxy and the rest."""

import asyncio
from typing import Any

from fairway_sandbox import deletion, selectors
from fairway_sandbox.api import proxying, writing
from fairway_sandbox.api.request import Request
from fairway_sandbox.api.rooms import Rooms
from fairway_sandbox.errors import ApiError, bad_request, invalid, no_such_method, no_such_resource, quoted
from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json, copied, dig, evolved
from fairway_sandbox.patches import merge, operations
from fairway_sandbox.tables import cells

RAW = ("log", "proxy", "exec", "attach", "portforward")
BUDGETS = "poddisruptionbudgets.policy"
SUCCESS: Json = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
SCALE = Kind("autoscaling", "v1", "Scale", "scales")
KEPT = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


async def answer(
    rooms: Rooms, request: Request, kind: Kind, namespace: str | None, name: str, sub: str, rest: list[str]
) -> None:
    if sub not in kind.subresources:
        raise no_such_resource()
    match sub, request.method:
        case "status", "GET":
            await request.answer_entry(kind, rooms.registry.live(kind, namespace, name))
        case "status", "PUT":
            await writing.replace(rooms, request, kind, namespace, name, sub)
        case "status", "PATCH":
            await writing.patch(rooms, request, kind, namespace, name, sub)
        case "scale", "GET" | "PUT" | "PATCH":
            await _scale(rooms, request, kind, namespace, name)
        case "eviction", "POST":
            await _evict(rooms, request, kind, namespace, name)
        case "log", "GET":
            await _log(rooms, request, kind, namespace, name)
        case "binding", "POST":
            await _bind(rooms, request, kind, namespace, name)
        case "finalize", "PUT":
            await _finalize(rooms, request, kind, name)
        case "proxy", _:
            await proxying.answer(rooms, request, kind, namespace or "", name, rest)
        case "exec" | "attach" | "portforward", _:
            raise bad_request("Upgrade request required: use WebSockets (SPDY is not served)")
        case _:
            raise no_such_method()


def _scale_of(obj: Json) -> Json:
    meta = {k: obj["metadata"][k] for k in KEPT if k in obj["metadata"]}
    status = {"replicas": dig(obj, "status.replicas", 0), "selector": cells.selector(obj)}
    spec = {"replicas": obj["spec"].get("replicas", 0)}
    return {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": meta, "spec": spec, "status": status}


async def _scale(rooms: Rooms, request: Request, kind: Kind, namespace: str | None, name: str) -> None:
    live = rooms.registry.live(kind, namespace, name)
    current = _scale_of(live.obj)
    if request.method == "GET":
        await request.answer_json(current)
        return
    body: Any = request.body()
    if request.method == "PATCH":
        is_json_patch = request.content_type == writing.JSON_PATCH
        body = operations.apply(current, body) if is_json_patch else merge.merge(current, body)
    wanted = dig(body, "spec.replicas", 0)
    if not isinstance(wanted, int) or isinstance(wanted, bool) or wanted < 0:
        why = f"Invalid value: {quoted(wanted)}: must be greater than or equal to 0"
        raise invalid(SCALE, name, [("spec.replicas", why)])
    fresh = evolved(live.obj, spec={**live.obj["spec"], "replicas": wanted})
    fresh["metadata"].pop("resourceVersion")
    if request.method == "PUT" and dig(body, "metadata.resourceVersion"):
        fresh["metadata"]["resourceVersion"] = body["metadata"]["resourceVersion"]
    entry = rooms.registry.update(
        kind, live, fresh, subresource="scale", manager=request.manager, dry_run=request.dry_run()
    )
    await request.answer_json(_scale_of(entry.obj))


async def _evict(rooms: Rooms, request: Request, kind: Kind, namespace: str | None, name: str) -> None:
    live = rooms.registry.live(kind, namespace, name)
    options = (request.body() or {}).get("deleteOptions") or {}
    dry_run = request.dry_run(options)
    labels = live.obj["metadata"].get("labels")
    guarded = dig(live.obj, "status.phase") not in ("Succeeded", "Failed", "Pending")
    budgets = [
        e.obj
        for e in rooms.store.every(BUDGETS, namespace)
        if selectors.selects(selectors.of_object(e.obj["spec"].get("selector")), labels)
    ]
    for budget in budgets if guarded else []:
        if dig(budget, "status.disruptionsAllowed", 0) <= 0:
            raise _over_budget(budget)
    for budget in budgets if guarded and not dry_run else []:
        fresh = copied(budget)
        fresh["status"]["disruptionsAllowed"] -= 1
        rooms.store.put(BUDGETS, fresh)
    deletion.delete(rooms.registry, kind, live, options, dry_run=dry_run)
    await request.answer_json({**SUCCESS, "code": 201}, 201)


def _over_budget(budget: Json) -> ApiError:
    status = budget.get("status") or {}
    needs, has = status.get("desiredHealthy", 0), status.get("currentHealthy", 0)
    why = f"The disruption budget {budget['metadata']['name']} needs {needs} healthy pods and has {has} currently"
    message = "Cannot evict pod as it would violate the pod's disruption budget."
    return ApiError(429, "TooManyRequests", message, {"causes": [{"reason": "DisruptionBudget", "message": why}]})


async def _log(rooms: Rooms, request: Request, kind: Kind, namespace: str | None, name: str) -> None:
    pod = rooms.registry.live(kind, namespace, name).obj
    main = [c["name"] for c in pod["spec"]["containers"]]
    every = [*main, *(c["name"] for c in pod["spec"].get("initContainers") or [])]
    container = request.query.get("container") or (main[0] if len(main) == 1 else "")
    if not container:
        raise bad_request(f"a container name must be specified for pod {name}, choose one of: {main}".replace("'", ""))
    if container not in every:
        raise bad_request(f"container {container} is not valid for pod {name}")
    chunks = rooms.kubelet.read_log(pod, container, request.query)
    await request.begin("text/plain")
    gone = asyncio.create_task(request.gone())
    try:
        async for chunk in chunks:
            if gone.done() or rooms.closing.is_set():
                break
            if chunk:
                await request.push(chunk)
        if not gone.done():
            await request.end()
    finally:
        gone.cancel()


async def _bind(rooms: Rooms, request: Request, kind: Kind, namespace: str | None, name: str) -> None:
    live = rooms.registry.live(kind, namespace, name)
    node = dig(request.object(), "target.name")
    rooms.store.put(kind.key, evolved(live.obj, spec={**live.obj["spec"], "nodeName": node}))
    await request.answer_json(SUCCESS, 201)


async def _finalize(rooms: Rooms, request: Request, kind: Kind, name: str) -> None:
    live, body = rooms.registry.live(kind, None, name), request.object()
    if live.obj["metadata"].get("deletionTimestamp") and not dig(body, "spec.finalizers"):
        rooms.store.remove(kind.key, None, name)
    await request.answer_json(body)
