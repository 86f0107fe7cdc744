"""A pod's status out of the states of its containers."""

from collections.abc import Sequence

from fairway_sandbox.kubelet.container import Container
from fairway_sandbox.objects import Json, copied, with_condition

HOST = "127.0.0.1"


def status(
    pod: Json,
    containers: Sequence[Container],
    inits: Sequence[Container],
    *,
    address: str,
    began: str,
    initialized: bool,
    stopping: bool,
) -> Json:
    told = dict(pod.get("status") or {})
    told["containerStatuses"] = [c.status() for c in containers]
    if inits:
        told["initContainerStatuses"] = [c.status() for c in inits]
    if told.get("phase") not in ("Succeeded", "Failed"):
        told["phase"] = _phase(pod["spec"]["restartPolicy"], containers, inits, initialized, stopping)
    if address:
        told |= {"podIP": address, "podIPs": [{"ip": address}]}
    told |= {"hostIP": HOST, "hostIPs": [{"ip": HOST}], "startTime": began}
    told["conditions"] = _conditions(told, containers, initialized, bool(address))
    fresh: Json = copied(told)
    return fresh


def _phase(
    policy: str, containers: Sequence[Container], inits: Sequence[Container], initialized: bool, stopping: bool
) -> str:
    if not initialized:
        failed = policy == "Never" and any(c.state.get("terminated", {}).get("exitCode") for c in inits)
        return "Failed" if failed else "Pending"
    ends = [c.state.get("terminated") for c in containers]
    codes = [end["exitCode"] for end in ends if end]
    if len(codes) == len(ends):
        good = not any(codes)
        if stopping or policy == "Never" or (policy == "OnFailure" and good):
            return "Succeeded" if good else "Failed"
    started = any("running" in c.state or "terminated" in c.state or c.restarts for c in containers)
    return "Running" if started else "Pending"


def _conditions(told: Json, containers: Sequence[Container], initialized: bool, networked: bool) -> list[Json]:
    unready = [c.name for c in containers if not c.ready]
    ready = not unready and initialized
    why = ("ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]")
    if told["phase"] == "Succeeded":
        why = ("PodCompleted", "")
    conditions = told.get("conditions")
    conditions = with_condition(conditions, "PodReadyToStartContainers", "True" if networked else "False")
    reason = () if initialized else ("ContainersNotInitialized",)
    conditions = with_condition(conditions, "Initialized", "True" if initialized else "False", *reason)
    for kind in ("Ready", "ContainersReady"):
        conditions = with_condition(conditions, kind, "True" if ready else "False", *(() if ready else why))
    return [{"lastProbeTime": None, **c} for c in conditions]
