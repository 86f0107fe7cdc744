"""Discovery: versions, groups and their resources, old shape and aggregated."""

import orjson

from fairway_sandbox.api.request import Request
from fairway_sandbox.api.rooms import Rooms
from fairway_sandbox.errors import no_such_resource
from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json

TEXT = "text/plain; charset=utf-8"
VERSION = {
    "major": "1",
    "minor": "34",
    "emulationMajor": "1",
    "emulationMinor": "34",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "33",
    "gitVersion": "v1.34.0+sandbox",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "2025-08-27T00:00:00Z",
    "goVersion": "none",
    "compiler": "none",
    "platform": "linux/amd64",
}
SUB_KINDS = {
    "scale": ("autoscaling", "v1", "Scale"),
    "eviction": ("policy", "v1", "Eviction"),
    "binding": ("", "v1", "Binding"),
    "exec": ("", "v1", "PodExecOptions"),
    "attach": ("", "v1", "PodAttachOptions"),
    "portforward": ("", "v1", "PodPortForwardOptions"),
}
PROXIES = {"pods": ("", "v1", "PodProxyOptions"), "services": ("", "v1", "ServiceProxyOptions")}
NO_PAGE = b"404 page not found\n"
EDIT = ["get", "patch", "update"]
SUB_VERBS = {
    "status": EDIT,
    "scale": EDIT,
    "log": ["get"],
    "eviction": ["create"],
    "binding": ["create"],
    "exec": ["create", "get"],
    "attach": ["create", "get"],
    "portforward": ["create", "get"],
    "proxy": ["create", "delete", "get", "patch", "update"],
    "finalize": ["update"],
}


async def answer(rooms: Rooms, request: Request) -> None:
    match request.parts:
        case ["version"]:
            await request.answer_json(VERSION)
        case ["api"] | ["apis"]:
            await _answer_groups(rooms, request, core=request.parts == ["api"])
        case ["apis", group]:
            found = [(g, v) for g, v in rooms.kinds.groups() if g == group]
            if not found:
                raise no_such_resource()
            await request.answer_json({"kind": "APIGroup", "apiVersion": "v1", **_group(*found[0])})
        case _:
            await request.answer(NO_PAGE, 404, TEXT)


async def _answer_groups(rooms: Rooms, request: Request, *, core: bool) -> None:
    accepts = request.headers.get("accept", "").replace(" ", "")
    if "g=apidiscovery.k8s.io" in accepts:
        version = "v2" if "v=v2;" in accepts else "v2beta1"
        kind = f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
        await request.answer(orjson.dumps(_aggregated(rooms, version, core=core)), type=kind)
    elif core:
        await request.answer_json({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})
    else:
        groups = [_group(g, v) for g, v in rooms.kinds.groups()]
        await request.answer_json({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})


def _group(group: str, version: str) -> Json:
    one = {"groupVersion": f"{group}/{version}", "version": version}
    return {"name": group, "versions": [one], "preferredVersion": one}


def _of(rooms: Rooms, group: str, version: str) -> list[Kind]:
    return [k for k in rooms.kinds.every() if (k.group, k.version) == (group, version)]


async def answer_resources(rooms: Rooms, request: Request, group: str, version: str) -> None:
    found: list[Json] = []
    for kind in _of(rooms, group, version):
        one: Json = {"name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced}
        one |= {"kind": kind.kind, "verbs": list(kind.verbs), **_names(kind)}
        found.append(one)
        for sub in kind.subresources:
            own = {"name": f"{kind.plural}/{sub}", "singularName": "", "namespaced": kind.namespaced}
            told: Json = {**own, "kind": kind.kind, "verbs": SUB_VERBS[sub]}
            g, v, k = _sub_kind(kind, sub)
            told |= {"kind": k, **({"group": g, "version": v} if g != group else {})}
            found.append(told)
    if not found:
        raise no_such_resource()
    name = f"{group}/{version}" if group else version
    await request.answer_json({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": found})


def _sub_kind(kind: Kind, sub: str) -> tuple[str, str, str]:
    """What a subresource takes and gives, as group, version and kind."""
    special = PROXIES.get(kind.plural) if sub == "proxy" else SUB_KINDS.get(sub)
    return special or (kind.group, kind.version, kind.kind)


def _names(kind: Kind) -> Json:
    short = {"shortNames": list(kind.short)} if kind.short else {}
    return {**short, **({"categories": list(kind.categories)} if kind.categories else {})}


def _aggregated(rooms: Rooms, version: str, *, core: bool) -> Json:
    items = []
    for group, served in [("", "v1")] if core else rooms.kinds.groups():
        resources = [_resource(kind) for kind in _of(rooms, group, served)]
        versions = [{"version": served, "resources": resources, "freshness": "Current"}]
        items.append({"metadata": {"name": group} if group else {}, "versions": versions})
    head = {"kind": "APIGroupDiscoveryList", "apiVersion": f"apidiscovery.k8s.io/{version}", "metadata": {}}
    return {**head, "items": items}


def _resource(kind: Kind) -> Json:
    own = {"group": kind.group, "version": kind.version, "kind": kind.kind}
    made: Json = {"resource": kind.plural, "responseKind": own, "singularResource": kind.singular}
    made |= {"scope": "Namespaced" if kind.namespaced else "Cluster", "verbs": list(kind.verbs), **_names(kind)}
    subs = []
    for sub in kind.subresources:
        g, v, k = _sub_kind(kind, sub)
        subs.append(
            {"subresource": sub, "responseKind": {"group": g, "version": v, "kind": k}, "verbs": SUB_VERBS[sub]}
        )
    return {**made, **({"subresources": subs} if subs else {})}
