"""Columns of what runs, and of what makes it run."""

from fairway_sandbox.objects import Json, controller_of, dig, seconds_since
from fairway_sandbox.tables import cells
from fairway_sandbox.tables.column import AGE, IMAGES, NAME, SELECTOR, Column, Columns, at, count, wide

READY = Column("Ready", lambda o: f"{dig(o, 'status.readyReplicas', 0)}/{dig(o, 'spec.replicas', 0)}")
ENDS = ("Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet")


def job_status(job: Json) -> str:
    told = {c["type"] for c in dig(job, "status.conditions", []) if c["status"] == "True"}
    found = [end for end in ENDS if end in told]
    if job["metadata"].get("deletionTimestamp") and not {"Complete", "Failed"} & told:
        return "Terminating"
    return found[0] if found else "Running"


def completions(job: Json) -> str:
    done, wanted = dig(job, "status.succeeded", 0), dig(job, "spec.completions")
    parallel = dig(job, "spec.parallelism", 0)
    return f"{done}/{wanted}" if wanted is not None else f"{done}/1" + (f" of {parallel}" if parallel > 1 else "")


def job_duration(job: Json) -> str:
    start, end = dig(job, "status.startTime"), dig(job, "status.completionTime")
    return cells.duration(seconds_since(start) - (seconds_since(end) if end else 0)) if start else ""


def last_schedule(job: Json) -> str:
    last = dig(job, "status.lastScheduleTime")
    return cells.duration(seconds_since(last)) if last else "<none>"


def controller(obj: Json) -> str:
    owner = controller_of(obj)
    group = owner["apiVersion"].rpartition("/")[0] if owner else ""
    return f"{owner['kind'].lower()}{'.' + group if group else ''}/{owner['name']}" if owner else "<none>"


def targets(scaler: Json) -> str:
    """What is measured, which nobody does here, against what is wished."""
    found = [m["resource"] for m in dig(scaler, "spec.metrics", []) if m.get("type") == "Resource"]
    shown = [
        f"{one['name']}: <unknown>/{dig(one, 'target.averageUtilization')}%"
        if dig(one, "target.averageUtilization") is not None
        else f"{one['name']}: <unknown>/{dig(one, 'target.averageValue', '<auto>')}"
        for one in found
    ]
    return ", ".join(shown) or "<unknown>"


COLUMNS: dict[str, Columns] = {
    "Pod": (
        NAME,
        Column("Ready", cells.pod_ready),
        Column("Status", cells.pod_status),
        Column("Restarts", cells.restarts),
        AGE,
        at("IP", "status.podIP", "<none>", wide=True),
        at("Node", "spec.nodeName", "<none>", wide=True),
        at("Nominated Node", "status.nominatedNodeName", "<none>", wide=True),
        wide("Readiness Gates", lambda obj: "<none>"),
    ),
    "Deployment": (
        *(NAME, READY, count("Up-to-date", "status.updatedReplicas", type="string")),
        *(count("Available", "status.availableReplicas", type="string"), AGE, *IMAGES, SELECTOR),
    ),
    "ReplicaSet": (
        *(NAME, count("Desired", "spec.replicas"), count("Current", "status.replicas")),
        *(count("Ready", "status.readyReplicas"), AGE, *IMAGES, SELECTOR),
    ),
    "StatefulSet": (NAME, READY, AGE, *IMAGES),
    "DaemonSet": (
        *(NAME, count("Desired", "status.desiredNumberScheduled"), count("Current", "status.currentNumberScheduled")),
        *(count("Ready", "status.numberReady"), count("Up-to-date", "status.updatedNumberScheduled")),
        count("Available", "status.numberAvailable"),
        Column("Node Selector", lambda o: cells.pairs(dig(o, "spec.template.spec.nodeSelector", {}))),
        *(AGE, *IMAGES, SELECTOR),
    ),
    "ControllerRevision": (NAME, Column("Controller", controller), at("Revision", "revision", 0), AGE),
    "Job": (
        *(NAME, Column("Status", job_status), Column("Completions", completions)),
        *(Column("Duration", job_duration), AGE, *IMAGES, SELECTOR),
    ),
    "CronJob": (
        *(NAME, at("Schedule", "spec.schedule"), at("Timezone", "spec.timeZone", "<none>")),
        Column("Suspend", lambda o: str(dig(o, "spec.suspend", "<unset>")), "boolean"),
        Column("Active", lambda o: len(dig(o, "status.active", [])), "integer"),
        *(Column("Last Schedule", last_schedule), AGE, *IMAGES, SELECTOR),
    ),
    "HorizontalPodAutoscaler": (
        NAME,
        Column("Reference", lambda o: f"{dig(o, 'spec.scaleTargetRef.kind')}/{dig(o, 'spec.scaleTargetRef.name')}"),
        *(Column("Targets", targets), at("MinPods", "spec.minReplicas", "<unset>"), at("MaxPods", "spec.maxReplicas")),
        *(count("Replicas", "status.currentReplicas", type="string"), AGE),
    ),
    "PodDisruptionBudget": (
        *(NAME, Column("Min Available", lambda o: str(dig(o, "spec.minAvailable", "N/A")))),
        Column("Max Unavailable", lambda o: str(dig(o, "spec.maxUnavailable", "N/A"))),
        *(count("Allowed Disruptions", "status.disruptionsAllowed"), AGE),
    ),
}
