"""Runs a Job's pods until enough have succeeded or too many have failed."""

from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.objects import Json, copied, dig, is_active, is_ready, now, seconds_since, with_condition

KEY = "jobs.batch"
TELLER = "job-controller"
COMPLETE = ("SuccessCriteriaMet", "Complete"), "CompletionsReached", "Reached expected number of succeeded pods"
FAILED = ("FailureTarget", "Failed"), "BackoffLimitExceeded", "Job has reached the specified backoff limit"
COUNTS = ("active", "succeeded", "failed")


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
    status = _paused_or_begun(hub, obj)
    if succeeded >= spec["completions"]:
        status |= {"completionTime": now(), "conditions": _ended(status, *COMPLETE)}
        hub.record(KEY, obj, "Normal", "Completed", "Job completed", TELLER)
    elif failed > spec["backoffLimit"]:
        status["conditions"] = _ended(status, *FAILED)
        hub.record(KEY, obj, "Warning", FAILED[1], FAILED[2], TELLER)
    elif spec["suspend"]:
        for pod in active:
            hub.end_pod(KEY, obj, pod)
        active = []
    else:
        for _ in range(min(spec["parallelism"], spec["completions"] - succeeded) - len(active)):
            active.append(hub.make_pod(KEY, obj, spec["template"]))
    counts = dict(zip(COUNTS, (len(active), succeeded, failed), strict=True))
    ending = sum(bool(p["metadata"].get("deletionTimestamp")) for p in hub.owned_by(obj, "pods"))
    status = {k: v for k, v in status.items() if k not in counts} | {k: v for k, v in counts.items() if v}
    status |= {"ready": sum(map(is_ready, active)), "terminating": ending, "uncountedTerminatedPods": {}}
    hub.set_status(KEY, obj, status)


def _paused_or_begun(hub: Hub, obj: Json) -> Json:
    """A private status with the time of the start, and with what is told of a Job that waits or goes on."""
    status: Json = copied(obj.get("status") or {})
    known = status.get("conditions") or []
    was = any(c["type"] == "Suspended" and c["status"] == "True" for c in known)
    if obj["spec"]["suspend"]:
        if not was:
            status["conditions"] = _with(known, "Suspended", "True", "JobSuspended", "Job suspended")
            hub.record(KEY, obj, "Normal", "Suspended", "Job suspended", TELLER)
        return status
    if was:
        status["conditions"] = _with(known, "Suspended", "False", "JobResumed", "Job resumed")
        hub.record(KEY, obj, "Normal", "Resumed", "Job resumed", TELLER)
        status["startTime"] = now()
    status.setdefault("startTime", now())
    return status


def is_done(job: Json) -> bool:
    return any(c["type"] in ("Complete", "Failed") and c["status"] == "True" for c in dig(job, "status.conditions", []))


def _with(conditions: list[Json], type: str, status: str, reason: str, message: str) -> list[Json]:
    found = with_condition(conditions, type, status, reason, message)
    return [{**c, "lastProbeTime": c["lastTransitionTime"]} if c["type"] == type else c for c in found]


def _ended(status: Json, types: tuple[str, ...], reason: str, message: str) -> list[Json]:
    conditions = status.get("conditions") or []
    for type in types:
        conditions = _with(conditions, type, "True", reason, message)
    return conditions


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
