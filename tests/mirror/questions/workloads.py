"""A Deployment's life: pods, rollout, kill, eviction, scale, events, endpoints, logs."""

from typing import Any

from tests.mirror.asking import APPS, CORE, MERGE, POLICY, Asker
from tests.mirror.questions.objects import budget, deployment, service

SELECTOR = "labelSelector=app%3Dweb"
SERVES = ("sh", "-c", "echo up; exec sleep 3600")


def questions(asker: Asker) -> None:
    path = f"{APPS}/deployments/web"
    asker.make(f"{APPS}/deployments", deployment("web", 2, command=SERVES))
    ready(asker, path, 2)
    asker.ask("status", "GET", path, only=lambda d: {"status": _counts(d["status"]), "conditions": conditions(d)})
    asker.ask("the whole object", "GET", path, only=_without_status)
    asker.ask("replica set", "GET", f"{APPS}/replicasets?{SELECTOR}", only=lambda d: _owned(d["items"][0]))
    pod = asker.get(f"{CORE}/pods?{SELECTOR}")["items"][0]["metadata"]["name"]
    asker.ask("pod metadata", "GET", f"{CORE}/pods/{pod}", only=_owned)
    asker.ask("pod specification", "GET", f"{CORE}/pods/{pod}", only=_specification)
    asker.ask("pod status", "GET", f"{CORE}/pods/{pod}", only=pod_status)
    asker.until(lambda: asker.call("GET", f"{CORE}/pods/{pod}/log").text, "its first line")
    asker.ask("log", "GET", f"{CORE}/pods/{pod}/log")
    asker.ask("log, tail and time", "GET", f"{CORE}/pods/{pod}/log?tailLines=1&timestamps=true")
    asker.ask("400 log of another container", "GET", f"{CORE}/pods/{pod}/log?container=zz")
    asker.ask("400 log of what never ran before", "GET", f"{CORE}/pods/{pod}/log?previous=true")
    _endpoints(asker)
    _scale(asker, path)
    _eviction(asker)
    _rollout(asker, path)
    _killed(asker)
    events(asker, "events of the deployment", "Deployment")


def ready(asker: Asker, path: str, replicas: int) -> None:
    def whole() -> bool:
        found = asker.get(path)
        status = found["status"]
        return bool(
            status.get("readyReplicas", 0) == status.get("updatedReplicas", 0) == status.get("replicas", 0) == replicas
            and status.get("observedGeneration") == found["metadata"]["generation"]
        )

    asker.until(whole, f"{path} to be whole")


def conditions(found: Any) -> list[dict[str, Any]]:
    told = found["status"].get("conditions") or []
    kept = ("type", "status", "reason", "message")
    return sorted(({k: c.get(k) for k in kept} for c in told), key=lambda c: str(c["type"]))


def pod_status(pod: Any) -> dict[str, Any]:
    status = pod["status"]
    return {
        "phase": status["phase"],
        "qosClass": status.get("qosClass"),
        "conditions": conditions(pod),
        "containers": [_container(c) for c in status.get("containerStatuses", ())],
    }


def _container(status: Any) -> dict[str, Any]:
    keys = ("name", "ready", "started", "image", "restartCount", "state", "lastState")
    return {key: status.get(key) for key in keys}


def events(asker: Asker, title: str, kind: str) -> None:
    """Reasons and messages, each once, in no order: several controllers tell at the same time."""
    found = asker.get(f"{CORE}/events")["items"]
    mine = [e for e in found if e["involvedObject"]["kind"] == kind]
    told = {(e["type"], e["reason"], e["source"].get("component") or e["reportingComponent"]) for e in mine}
    asker.note(title, sorted(" ".join(part) for part in told))


def _counts(status: Any) -> dict[str, Any]:
    return {key: value for key, value in status.items() if key != "conditions"}


def _without_status(found: Any) -> dict[str, Any]:
    metadata = {k: v for k, v in found["metadata"].items() if k != "managedFields"}
    return {"metadata": metadata, "spec": found["spec"]}


def _owned(found: Any) -> dict[str, Any]:
    metadata = found["metadata"]
    keys = ("generateName", "labels", "annotations", "ownerReferences", "finalizers", "generation")
    return {key: metadata.get(key) for key in keys}


def _specification(pod: Any) -> dict[str, Any]:
    spec = {k: v for k, v in pod["spec"].items() if k != "volumes"}
    spec["containers"] = [{k: v for k, v in c.items() if k != "volumeMounts"} for c in spec["containers"]]
    return spec


def _endpoints(asker: Asker) -> None:
    asker.make(f"{CORE}/services", service("web"))
    path = "/apis/discovery.k8s.io/v1/namespaces/mirror/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dweb"
    asker.until(lambda: [e for s in asker.get(path)["items"] for e in s["endpoints"] or ()], "endpoints")
    asker.ask("endpoint slice", "GET", path, only=_slice)
    asker.ask("endpoints", "GET", f"{CORE}/endpoints/web", only=lambda d: [len(s["addresses"]) for s in d["subsets"]])


def _slice(found: Any) -> dict[str, Any]:
    one = found["items"][0]
    labels, owner = one["metadata"]["labels"], one["metadata"]["ownerReferences"]
    endpoint = {k: v for k, v in one["endpoints"][0].items() if k not in ("targetRef", "addresses")}
    return {"labels": labels, "owner": owner, "type": one["addressType"], "ports": one["ports"], "endpoint": endpoint}


def _scale(asker: Asker, path: str) -> None:
    asker.ask("scale", "GET", f"{path}/scale")
    asker.ask("scaled", "PATCH", f"{path}/scale", {"spec": {"replicas": 3}}, MERGE)
    ready(asker, path, 3)


def _eviction(asker: Asker) -> None:
    asker.make(f"{POLICY}/poddisruptionbudgets", budget("web", minAvailable=3))
    path = f"{POLICY}/poddisruptionbudgets/web"
    asker.until(lambda: asker.get(path).get("status", {}).get("expectedPods") == 3, "the budget to have counted")
    asker.ask("budget", "GET", path, only=lambda d: {**d["status"], "conditions": conditions(d)})
    name = asker.get(f"{CORE}/pods?{SELECTOR}")["items"][0]["metadata"]["name"]
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
    asker.ask("429 eviction", "POST", f"{CORE}/pods/{name}/eviction", eviction)
    asker.call("PATCH", path, {"spec": {"minAvailable": 2}}, MERGE)
    asker.until(lambda: asker.get(path)["status"].get("disruptionsAllowed") == 1, "the budget to allow one")
    asker.ask("201 eviction", "POST", f"{CORE}/pods/{name}/eviction", eviction)
    asker.call("DELETE", path)
    ready(asker, f"{APPS}/deployments/web", 3)


def _rollout(asker: Asker, path: str) -> None:
    change = {"spec": {"template": {"metadata": {"annotations": {"release": "2"}}}}}
    asker.call("PATCH", path, change, MERGE)
    ready(asker, path, 3)
    revision = "deployment.kubernetes.io/revision"
    asker.ask("after a rollout", "GET", path, only=lambda d: {"revision": d["metadata"]["annotations"][revision]})
    sets = asker.get(f"{APPS}/replicasets?{SELECTOR}")["items"]
    told = sorted((s["metadata"]["annotations"][revision], s["spec"]["replicas"]) for s in sets)
    asker.note("replica sets after a rollout", [list(pair) for pair in told])


def _killed(asker: Asker) -> None:
    pod = asker.get(f"{CORE}/pods?{SELECTOR}")["items"][0]["metadata"]["name"]
    keys = ("deletionGracePeriodSeconds", "generation")
    asker.ask("delete a pod", "DELETE", f"{CORE}/pods/{pod}", only=lambda d: {k: d["metadata"].get(k) for k in keys})
    asker.until(lambda: asker.call("GET", f"{CORE}/pods/{pod}").status == 404, "the pod to go")
    ready(asker, f"{APPS}/deployments/web", 3)
