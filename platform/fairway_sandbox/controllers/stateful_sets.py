"""Keeps the numbered pods of a StatefulSet: in order, each with its own claims, updated from the highest down."""

from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.controllers.replica_sets import available
from fairway_sandbox.controllers.templates import fingerprint
from fairway_sandbox.objects import Json, copied, dig, is_active, is_ready

KEY, REVISIONS, CLAIMS = "statefulsets.apps", "controllerrevisions.apps", "persistentvolumeclaims"
REVISION_LABEL = "controller-revision-hash"


def reconcile(hub: Hub, namespace: str | None, name: str, obj: Json | None) -> None:
    if obj is None or obj["metadata"].get("deletionTimestamp"):
        return
    revision = _keep_revision(hub, obj)
    pods = _numbered(hub, obj)
    parallel = obj["spec"].get("podManagementPolicy") == "Parallel"
    _fill(hub, obj, pods, revision, parallel=parallel)
    surplus = _shrink(hub, obj, pods, parallel=parallel)
    if not surplus and obj["spec"]["updateStrategy"]["type"] == "RollingUpdate":
        _update(hub, obj, pods, revision)
    _set_status(hub, obj, revision)


def _keep_revision(hub: Hub, obj: Json) -> str:
    spec, meta = obj["spec"], obj["metadata"]
    revision = f"{meta['name']}-{fingerprint(spec['template'])}"
    if hub.store.object(REVISIONS, meta["namespace"], revision) is None:
        number = 1 + max((r["revision"] for r in hub.owned_by(obj, REVISIONS)), default=0)
        own = {"name": revision, "labels": dict(dig(spec, "template.metadata.labels", {}))}
        own["ownerReferences"] = [hub.reference(KEY, obj)]
        data = {"spec": {"template": {**copied(spec["template"]), "$patch": "replace"}}}
        hub.registry.make(REVISIONS, meta["namespace"], {"metadata": own, "revision": number, "data": data})
    return revision


def _numbered(hub: Hub, obj: Json) -> dict[int, Json]:
    tails = ((p["metadata"]["name"].rsplit("-", 1)[1], p) for p in hub.owned_by(obj, "pods"))
    return {int(tail): pod for tail, pod in tails if tail.isdigit()}


def _fill(hub: Hub, obj: Json, pods: dict[int, Json], revision: str, *, parallel: bool) -> None:
    """Make the first missing pod, or all of them when they need not wait for each other."""
    meta = obj["metadata"]
    for number in range(obj["spec"]["replicas"]):
        pod = pods.get(number)
        if pod and dig(pod, "status.phase") in ("Failed", "Succeeded") and not pod["metadata"].get("deletionTimestamp"):
            hub.end_pod(KEY, obj, pod)
            pods.pop(number)
            pod = None
        if pod is None:
            if hub.store.object("pods", meta["namespace"], f"{meta['name']}-{number}"):
                return
            pods[number] = _make(hub, obj, number, revision)
            if not parallel:
                return
            continue
        if dig(pod, "status.phase") == "Pending" and not pod["spec"].get("nodeName"):
            _claims(hub, obj, pod["metadata"]["name"])
        if not parallel and (pod["metadata"].get("deletionTimestamp") or not is_ready(pod)):
            return


def _make(hub: Hub, obj: Json, number: int, revision: str) -> Json:
    spec, meta = obj["spec"], obj["metadata"]
    name = f"{meta['name']}-{number}"
    volumes = _claims(hub, obj, name)
    named = {v["name"] for v in volumes}
    others = [v for v in copied(spec["template"]["spec"].get("volumes") or []) if v["name"] not in named]
    over: Json = {"volumes": [*others, *volumes], "hostname": name}
    if spec.get("serviceName"):
        over["subdomain"] = spec["serviceName"]
    labels = {"statefulset.kubernetes.io/pod-name": name, "apps.kubernetes.io/pod-index": str(number)}
    labels[REVISION_LABEL] = revision
    return hub.make_pod(KEY, obj, spec["template"], name=name, labels=labels, spec=over)


def _claims(hub: Hub, obj: Json, pod: str) -> list[Json]:
    """The pod's volumes; claims that have gone while it waits are made again."""
    return [_claim(hub, obj, template, pod) for template in obj["spec"].get("volumeClaimTemplates") or []]


def _claim(hub: Hub, obj: Json, template: Json, pod: str) -> Json:
    """The pod's volume for a claim template; the claim is made once and outlives the pod."""
    meta, volume = obj["metadata"], template["metadata"]["name"]
    name = f"{volume}-{pod}"
    if hub.store.object(CLAIMS, meta["namespace"], name) is None:
        labels = {**dig(obj, "spec.selector.matchLabels", {}), **(template["metadata"].get("labels") or {})}
        own: Json = {"name": name, "labels": labels, "annotations": template["metadata"].get("annotations") or {}}
        hub.registry.make(CLAIMS, meta["namespace"], {"metadata": own, "spec": copied(template["spec"])})
        told = f"create Claim {name} Pod {pod} in StatefulSet {meta['name']} success"
        hub.record(KEY, obj, "Normal", "SuccessfulCreate", told, "statefulset-controller")
    return {"name": volume, "persistentVolumeClaim": {"claimName": name}}


def _shrink(hub: Hub, obj: Json, pods: dict[int, Json], *, parallel: bool) -> list[int]:
    wanted = obj["spec"]["replicas"]
    surplus = sorted((n for n in pods if n >= wanted), reverse=True)
    steady = all(n in pods and is_ready(pods[n]) for n in range(wanted))
    for number in surplus if parallel else surplus[:1]:
        if (parallel or steady) and not pods[number]["metadata"].get("deletionTimestamp"):
            hub.end_pod(KEY, obj, pods[number])
    return surplus


def _update(hub: Hub, obj: Json, pods: dict[int, Json], revision: str) -> None:
    """End the highest pod of another revision; go on only when those above it are ready."""
    spec = obj["spec"]
    lowest = (spec["updateStrategy"].get("rollingUpdate") or {}).get("partition", 0)
    for number in range(spec["replicas"] - 1, lowest - 1, -1):
        pod = pods.get(number)
        if pod is None or pod["metadata"].get("deletionTimestamp"):
            return
        if pod["metadata"]["labels"].get(REVISION_LABEL) != revision:
            hub.end_pod(KEY, obj, pod)
            return
        if not is_ready(pod):
            return


def _set_status(hub: Hub, obj: Json, revision: str) -> None:
    pods = [p for p in _numbered(hub, obj).values() if is_active(p)]
    wanted, ready = obj["spec"]["replicas"], sum(map(is_ready, pods))
    updated = sum(p["metadata"]["labels"].get(REVISION_LABEL) == revision for p in pods)
    current = dig(obj, "status.currentRevision") or revision
    if updated == wanted == ready and len(pods) == wanted:
        current = revision
    at_current = sum(p["metadata"]["labels"].get(REVISION_LABEL) == current for p in pods)
    status: Json = {"observedGeneration": obj["metadata"]["generation"], "replicas": len(pods)}
    status["availableReplicas"] = available(hub, KEY, obj, pods)
    status |= {"currentRevision": current, "updateRevision": revision, "collisionCount": 0}
    counts = {"readyReplicas": ready, "updatedReplicas": updated, "currentReplicas": at_current}
    hub.set_status(KEY, obj, {**status, **{name: count for name, count in counts.items() if count}})
