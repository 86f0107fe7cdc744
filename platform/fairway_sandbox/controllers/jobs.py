"""Runs a Job's pods until enough have succeeded or too many have failed."""

from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.objects import Json, copied, dig, is_active, is_ready, now, seconds_since

KEY = "jobs.batch"
COMPLETE = ("SuccessCriteriaMet", "Complete"), "CompletionsReached", "Reached expected number of succeeded pods"
FAILED = ("FailureTarget", "Failed"), "BackoffLimitExceeded", "Job has reached the specified backoff limit"


def reconcile(hub: Hub, namespace: str | None, name: str, obj: Json | None) -> None:
    if obj is None or obj["metadata"].get("deletionTimestamp"):
        return
    if is_done(obj):
        _forget(hub, obj)
        return
    spec, pods = obj["spec"], list(hub.owned_by(obj, "pods"))
    phases = [dig(p, "status.phase") for p in pods]
    succeeded, failed = phases.count("Succeeded"), phases.count("Failed")
    active = [p for p in pods if is_active(p)]
    status = copied(obj.get("status") or {})
    status.setdefault("startTime", now())
    if succeeded >= spec["completions"]:
        status |= {"completionTime": now(), "conditions": _conditions(*COMPLETE)}
        hub.record(KEY, obj, "Normal", "Completed", "Job completed", "job-controller")
    elif failed > spec["backoffLimit"]:
        status["conditions"] = _conditions(*FAILED)
        hub.record(KEY, obj, "Warning", FAILED[1], FAILED[2], "job-controller")
    elif not spec["suspend"]:
        for _ in range(min(spec["parallelism"], spec["completions"] - succeeded) - len(active)):
            active.append(hub.make_pod(KEY, obj, spec["template"]))
    counts = {"active": len(active), "succeeded": succeeded, "failed": failed}
    status = {k: v for k, v in status.items() if k not in counts} | {k: v for k, v in counts.items() if v}
    hub.set_status(KEY, obj, {**status, "ready": sum(map(is_ready, active))})


def is_done(job: Json) -> bool:
    return any(c["type"] in ("Complete", "Failed") and c["status"] == "True" for c in dig(job, "status.conditions", []))


def _conditions(types: tuple[str, ...], reason: str, message: str) -> list[Json]:
    at = now()
    common = {"status": "True", "lastProbeTime": at, "lastTransitionTime": at, "reason": reason, "message": message}
    return [{"type": type, **common} for type in types]


def _forget(hub: Hub, job: Json) -> None:
    kept = job["spec"].get("ttlSecondsAfterFinished")
    if kept is None:
        return
    ended = next(c["lastTransitionTime"] for c in job["status"]["conditions"] if c["type"] in ("Complete", "Failed"))
    left = kept - seconds_since(ended)
    if left <= 0:
        hub.delete(KEY, job, {"propagationPolicy": "Background"})
    else:
        hub.enqueue(KEY, job["metadata"]["namespace"], job["metadata"]["name"], left + 0.1)
