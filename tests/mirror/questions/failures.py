"""What goes wrong in pods, and how the cluster tells it."""

from collections.abc import Callable
from typing import Any

from tests.mirror.asking import APPS, BATCH, CORE, Asker
from tests.mirror.questions.objects import deployment, job
from tests.mirror.questions.workloads import conditions, pod_status

Held = Callable[[Any], bool]


def questions(asker: Asker) -> None:
    """All at once, then each one's state once it has come to it."""
    probe = {"httpGet": {"path": "/x", "port": 81}, "periodSeconds": 1}
    cases: dict[str, tuple[dict[str, Any], Held]] = {
        "image": ({"image": "registry.invalid/nope:1", "command": ()}, _waits("ImagePullBackOff")),
        "crash": ({"command": ("sh", "-c", "echo boom; exit 7")}, _waits("CrashLoopBackOff")),
        "size": ({"resources": {"requests": {"cpu": "64"}}}, _unscheduled),
        "config": ({"envFrom": [{"configMapRef": {"name": "missing"}}]}, _waits("CreateContainerConfigError")),
        "probe": ({"readinessProbe": probe}, _running),
    }
    for name, (container, _) in cases.items():
        asker.make(f"{APPS}/deployments", deployment(name, 1, **container))
    for name, (_, held) in cases.items():
        _told(asker, name, held)
    for name in cases:
        asker.call("DELETE", f"{APPS}/deployments/{name}")
    _jobs(asker)


def _told(asker: Asker, name: str, held: Held) -> None:
    path = f"{CORE}/pods?labelSelector=app%3D{name}"

    def there() -> Any:
        pods = asker.get(path)["items"]
        return pods[0] if pods and held(pods[0]) else None

    pod = asker.until(there, f"{name} to come to its end")
    status = pod_status(pod)
    for container in status["containers"]:
        container["restartCount"] = bool(container["restartCount"])
        waiting = (container["state"] or {}).get("waiting") or {}
        if waiting.get("reason") == "ImagePullBackOff":
            waiting["message"] = waiting["message"].partition(":")[0]
    asker.note(f"{name}: pod", status)
    asker.note(f"{name}: deployment", conditions(asker.get(f"{APPS}/deployments/{name}")))
    reasons = {
        (e["type"], e["reason"])
        for e in asker.get(f"{CORE}/events")["items"]
        if e["involvedObject"]["name"] == pod["metadata"]["name"]
    }
    asker.note(f"{name}: events", sorted(" ".join(part) for part in reasons))


def _waits(reason: str) -> Held:
    def held(pod: Any) -> bool:
        states = [s.get("state", {}).get("waiting") or {} for s in pod["status"].get("containerStatuses", ())]
        return any(state.get("reason") == reason for state in states)

    return held


def _unscheduled(pod: Any) -> bool:
    return any(c["type"] == "PodScheduled" and c["status"] == "False" for c in pod["status"].get("conditions", ()))


def _running(pod: Any) -> bool:
    return any("running" in s.get("state", {}) for s in pod["status"].get("containerStatuses", ()))


def _jobs(asker: Asker) -> None:
    failing = job("failing", backoffLimit=0)
    failing["spec"]["template"]["spec"]["containers"][0]["command"] = ["sh", "-c", "exit 3"]
    for document, state in ((job("good"), "Complete"), (failing, "Failed")):
        name = document["metadata"]["name"]
        asker.make(f"{BATCH}/jobs", document)

        def ended(path: str = f"{BATCH}/jobs/{name}", state: str = state) -> bool:
            told = asker.get(path)["status"].get("conditions") or []
            return any(c["type"] == state and c["status"] == "True" for c in told)

        asker.until(ended, f"the job {name} to end")
        counts = ("active", "succeeded", "failed", "ready", "terminating", "uncountedTerminatedPods")
        found = asker.get(f"{BATCH}/jobs/{name}")
        asker.note(f"job {name}: counts", {key: found["status"].get(key) for key in counts})
        asker.note(f"job {name}: conditions", conditions(found))
