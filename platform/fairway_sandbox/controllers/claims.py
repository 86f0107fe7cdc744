"""Gives each claim a volume: a directory of its own below the data directory; a claim stays while pods use it."""

from collections.abc import Iterator

from fairway_sandbox.admission import IN_USE
from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.objects import Json, dig, evolved

KEY, VOLUMES = "persistentvolumeclaims", "persistentvolumes"


def reconcile(hub: Hub, namespace: str | None, name: str, obj: Json | None) -> None:
    if obj is None:
        return
    if obj["metadata"].get("deletionTimestamp"):
        _let_go(hub, obj)
        return
    if dig(obj, "status.phase") == "Bound":
        return
    volume = f"pvc-{obj['metadata']['uid']}"
    if hub.store.object(VOLUMES, None, volume) is None:
        _make(hub, obj, volume)
    made = hub.store.object(VOLUMES, None, volume)
    assert made is not None
    hub.set_status(VOLUMES, made, {"phase": "Bound"})
    status = {"phase": "Bound", "accessModes": obj["spec"].get("accessModes"), "capacity": made["spec"]["capacity"]}
    hub.store.put(KEY, evolved(obj, spec={**obj["spec"], "volumeName": volume}, status=status))
    told = f"Successfully provisioned volume {volume}"
    hub.record(KEY, obj, "Normal", "ProvisioningSucceeded", told, "sandbox-provisioner")


def named(pod: Json) -> Iterator[str]:
    """The claims that a pod uses."""
    for volume in pod["spec"].get("volumes") or []:
        if volume.get("persistentVolumeClaim"):
            yield volume["persistentVolumeClaim"]["claimName"]


def _let_go(hub: Hub, claim: Json) -> None:
    meta = claim["metadata"]
    pods = (entry.obj for entry in hub.store.every("pods", meta["namespace"]))
    in_use = any(pod["spec"].get("nodeName") and meta["name"] in named(pod) for pod in pods)
    if IN_USE not in (meta.get("finalizers") or []) or in_use:
        return
    fresh = evolved(claim)
    fresh["metadata"]["finalizers"] = [one for one in meta["finalizers"] if one != IN_USE]
    live = hub.registry.live(hub.registry.kinds.by_key[KEY], meta["namespace"], meta["name"])
    hub.registry.update(hub.registry.kinds.by_key[KEY], live, fresh)


def _make(hub: Hub, claim: Json, volume: str) -> None:
    spec, meta = claim["spec"], claim["metadata"]
    path = hub.data / "volumes" / volume
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o777)
    pointer = {
        "kind": "PersistentVolumeClaim",
        "apiVersion": "v1",
        "namespace": meta["namespace"],
        "name": meta["name"],
    }
    body: Json = {"capacity": {"storage": dig(spec, "resources.requests.storage", "1Gi")}}
    body |= {"accessModes": spec.get("accessModes"), "persistentVolumeReclaimPolicy": "Delete"}
    body |= {"storageClassName": spec.get("storageClassName"), "volumeMode": "Filesystem"}
    body |= {"hostPath": {"path": str(path), "type": ""}, "claimRef": {**pointer, "uid": meta["uid"]}}
    hub.registry.make(VOLUMES, None, {"metadata": {"name": volume}, "spec": body})
