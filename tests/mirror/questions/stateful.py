"""A StatefulSet with volumes: names, order, claims, and what outlives a pod."""

from typing import Any

from tests.mirror.asking import APPS, CORE, MERGE, Asker
from tests.mirror.questions.objects import stateful_set
from tests.mirror.questions.workloads import conditions, events

COMMAND = ("sh", "-c", "date >> /data/starts; wc -l < /data/starts; exec sleep 3600")
MOUNT = [{"name": "data", "mountPath": "/data"}]


def questions(asker: Asker) -> None:
    path = f"{APPS}/statefulsets/db"
    asker.make(f"{APPS}/statefulsets", stateful_set("db", 2, "data", command=COMMAND, volumeMounts=MOUNT))
    _ready(asker, path, 2)
    asker.ask("status", "GET", path, only=lambda d: d["status"])
    asker.ask("the whole object", "GET", path, only=lambda d: d["spec"])
    asker.ask("a pod", "GET", f"{CORE}/pods/db-0", only=_pod)
    asker.ask("its claim", "GET", f"{CORE}/persistentvolumeclaims/data-db-0", only=_claim)
    volumes = asker.get("/api/v1/persistentvolumes")["items"]
    mine = next(v for v in volumes if v["spec"]["claimRef"]["name"] == "data-db-0")
    asker.note("its volume", {"phase": mine["status"]["phase"], "spec": _volume(mine["spec"])})
    _outlives(asker, path)
    asker.call("PATCH", path, {"spec": {"replicas": 1}}, MERGE)
    asker.until(lambda: asker.call("GET", f"{CORE}/pods/db-1").status == 404, "the second pod to go")
    claims = asker.get(f"{CORE}/persistentvolumeclaims")["items"]
    asker.note("claims after scaling down", sorted(c["metadata"]["name"] for c in claims))
    events(asker, "events of the stateful set", "StatefulSet")


def _ready(asker: Asker, path: str, replicas: int) -> None:
    asker.until(lambda: asker.get(path)["status"].get("readyReplicas") == replicas, f"{path} to be whole")


def _outlives(asker: Asker, path: str) -> None:
    _says(asker, "1")
    before = asker.get(f"{CORE}/pods/db-0")["metadata"]["uid"]
    asker.call("DELETE", f"{CORE}/pods/db-0")

    def replaced() -> bool:
        raw = asker.call("GET", f"{CORE}/pods/db-0")
        return raw.status == 200 and bool(asker.get_of(raw)["metadata"]["uid"] != before)

    asker.until(replaced, "the pod to be replaced")
    _ready(asker, path, 2)
    _says(asker, "2")
    asker.ask("what a replaced pod says", "GET", f"{CORE}/pods/db-0/log")


def _says(asker: Asker, starts: str) -> None:
    """Waits until the pod has told how often it began: one that is ready may not have come to it yet."""
    asker.until(lambda: asker.call("GET", f"{CORE}/pods/db-0/log").text.strip() == starts, f"start {starts} in the log")


def _pod(found: Any) -> dict[str, Any]:
    metadata, spec = found["metadata"], found["spec"]
    mounted = [v for v in spec["volumes"] if "persistentVolumeClaim" in v]
    kept = {key: spec.get(key) for key in ("hostname", "subdomain")}
    keys = ("labels", "generateName", "ownerReferences")
    return {**{key: metadata.get(key) for key in keys}, **kept, "volumes": mounted}


def _claim(found: Any) -> dict[str, Any]:
    metadata = {key: found["metadata"].get(key) for key in ("labels", "finalizers")}
    spec = {key: value for key, value in found["spec"].items() if key not in ("volumeName", "storageClassName")}
    return {"metadata": metadata, "spec": spec, "status": found["status"], "conditions": conditions(found)}


def _volume(spec: Any) -> dict[str, Any]:
    kept = ("capacity", "accessModes", "persistentVolumeReclaimPolicy", "volumeMode")
    return {key: spec.get(key) for key in kept} | {"claim": {k: spec["claimRef"].get(k) for k in ("kind", "name")}}
