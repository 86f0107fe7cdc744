"""Makes a CronJob's Jobs when their minute comes."""

from datetime import UTC, datetime, timedelta

from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.controllers.jobs import is_done
from fairway_sandbox.objects import Json, copied, dig, stamp

KEY, JOBS = "cronjobs.batch", "jobs.batch"
BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
NAMED = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *"}


def reconcile(hub: Hub, namespace: str | None, name: str, obj: Json | None) -> None:
    if obj is None or obj["metadata"].get("deletionTimestamp"):
        return
    moment = datetime.now(UTC).replace(second=0, microsecond=0)
    last = dig(obj, "status.lastScheduleTime", obj["metadata"]["creationTimestamp"])
    status: Json = {k: v for k, v in (obj.get("status") or {}).items() if k != "active"}
    if not obj["spec"]["suspend"] and is_due(obj["spec"]["schedule"], moment) and stamp(moment) > last:
        _make(hub, obj, moment)
        status["lastScheduleTime"] = stamp(moment)
    running = [j for j in hub.owned_by(obj, JOBS) if not is_done(j)]
    if running:
        status["active"] = [_pointer(j) for j in running]
    hub.set_status(KEY, obj, status)
    _forget(hub, obj)
    hub.enqueue(KEY, namespace, name, (moment + timedelta(minutes=1) - datetime.now(UTC)).total_seconds() + 0.1)


def is_due(schedule: str, moment: datetime) -> bool:
    """Whether the five fields of cron name this minute; a schedule that cannot be read never comes due."""
    parts = NAMED.get(schedule, schedule).split()
    if len(parts) != 5:
        return False
    weekday = moment.isoweekday() % 7
    minute, hour, day, month, week = [_values(p, *b) for p, b in zip(parts, BOUNDS, strict=True)]
    days = weekday in {w % 7 for w in week}, moment.day in day
    fits = any(days) if "*" not in (parts[2], parts[4]) else all(days)
    return moment.minute in minute and moment.hour in hour and moment.month in month and fits


def _values(part: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for piece in part.split(","):
        span, _, step = piece.partition("/")
        first, _, last = span.partition("-")
        if not all(t.isdigit() for t in (first, last, step) if t and t != "*"):
            continue
        begin = low if first in ("*", "") else int(first)
        end = high if first in ("*", "") or (step and not last) else int(last or first)
        found |= set(range(begin, min(end, high) + 1, int(step or 1)))
    return found


def _make(hub: Hub, obj: Json, moment: datetime) -> None:
    running = [j for j in hub.owned_by(obj, JOBS) if not is_done(j)]
    policy = obj["spec"]["concurrencyPolicy"]
    if running and policy == "Forbid":
        return
    for job in running if policy == "Replace" else []:
        hub.delete(JOBS, job, {"propagationPolicy": "Background"})
    template, meta = copied(obj["spec"]["jobTemplate"]), obj["metadata"]
    own = {k: v for k, v in (template.get("metadata") or {}).items() if k in ("labels", "annotations")}
    own |= {"name": f"{meta['name']}-{int(moment.timestamp()) // 60}", "ownerReferences": [hub.reference(KEY, obj)]}
    job = hub.registry.make(JOBS, meta["namespace"], {"metadata": own, "spec": template["spec"]})
    told = f"Created job {job['metadata']['name']}"
    hub.record(KEY, obj, "Normal", "SuccessfulCreate", told, "cronjob-controller")


def _pointer(job: Json) -> Json:
    meta = job["metadata"]
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "name": meta["name"],
        "namespace": meta["namespace"],
        "uid": meta["uid"],
    }


def _forget(hub: Hub, obj: Json) -> None:
    done = sorted(filter(is_done, hub.owned_by(obj, JOBS)), key=lambda j: str(j["metadata"]["creationTimestamp"]))
    for kept, good in (("successfulJobsHistoryLimit", True), ("failedJobsHistoryLimit", False)):
        of_kind = [j for j in done if any(c["type"] == "Complete" for c in j["status"]["conditions"]) == good]
        for job in of_kind[: max(0, len(of_kind) - obj["spec"][kept])]:
            hub.delete(JOBS, job, {"propagationPolicy": "Background"})
