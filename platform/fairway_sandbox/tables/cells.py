"""What one cell of a table says."""

from fairway_sandbox.objects import Json, dig, seconds_since

MODES = {"ReadWriteOnce": "RWO", "ReadWriteMany": "RWX", "ReadOnlyMany": "ROX", "ReadWriteOncePod": "RWOP"}


def age(obj: Json) -> str:
    made = obj["metadata"].get("creationTimestamp")
    return duration(seconds_since(made)) if made else "<unknown>"


def duration(seconds: float) -> str:
    """As kubectl prints it: the two largest units while they matter."""
    total = max(0, int(seconds))
    minutes, hours = total // 60, total // 3600
    if total < 120:
        return f"{total}s"
    if minutes < 10:
        return f"{minutes}m" + (f"{total % 60}s" if total % 60 else "")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return f"{hours}h" + (f"{minutes % 60}m" if minutes % 60 else "")
    return f"{hours}h" if hours < 48 else f"{hours // 24}d"


def pod_status(pod: Json) -> str:
    if pod["metadata"].get("deletionTimestamp"):
        return "Terminating"
    initializing = _initializing(pod)
    if initializing:
        return initializing
    reason = dig(pod, "status.reason") or dig(pod, "status.phase", "Unknown")
    running = False
    for container in reversed(dig(pod, "status.containerStatuses", [])):
        waiting, ended = dig(container, "state.waiting"), dig(container, "state.terminated")
        if waiting and waiting.get("reason"):
            reason = waiting["reason"]
        elif ended:
            reason = ended.get("reason") or f"ExitCode:{ended.get('exitCode')}"
        elif container.get("ready"):
            running = True
    return "Running" if reason == "Completed" and running else str(reason)


def _initializing(pod: Json) -> str:
    found = dig(pod, "status.initContainerStatuses", [])
    for done, container in enumerate(found):
        ended, waiting = dig(container, "state.terminated"), dig(container, "state.waiting")
        if ended is not None and ended.get("exitCode") == 0:
            continue
        if ended is not None:
            return f"Init:{ended.get('reason') or 'ExitCode:' + str(ended.get('exitCode'))}"
        if waiting and waiting.get("reason") not in (None, "PodInitializing"):
            return f"Init:{waiting['reason']}"
        return f"Init:{done}/{len(found)}"
    return ""


def pod_ready(pod: Json) -> str:
    ready = sum(bool(c.get("ready")) for c in dig(pod, "status.containerStatuses", []))
    return f"{ready}/{len(dig(pod, 'spec.containers', []))}"


def restarts(pod: Json) -> str:
    found = dig(pod, "status.containerStatuses", [])
    count = sum(c.get("restartCount", 0) for c in found)
    last = max((dig(c, "lastState.terminated.finishedAt", "") for c in found), default="")
    return f"{count} ({duration(seconds_since(last))} ago)" if count and last else str(count)


def containers(obj: Json) -> str:
    return ",".join(c.get("name", "") for c in dig(obj, "spec.template.spec.containers", []))


def images(obj: Json) -> str:
    return ",".join(c.get("image", "") for c in dig(obj, "spec.template.spec.containers", []))


def selector(obj: Json) -> str:
    found = dig(obj, "spec.selector", {})
    labels = found.get("matchLabels", found)
    return ",".join(f"{k}={v}" for k, v in labels.items() if isinstance(v, str)) or "<none>"


def ready_of_wanted(obj: Json) -> str:
    return f"{dig(obj, 'status.readyReplicas', 0)}/{dig(obj, 'spec.replicas', 0)}"


def ports(service: Json) -> str:
    found = dig(service, "spec.ports", [])
    each = [
        f"{p['port']}{':' + str(p['nodePort']) if p.get('nodePort') else ''}/{p.get('protocol', 'TCP')}" for p in found
    ]
    return ",".join(each) or "<none>"


def endpoints(obj: Json) -> str:
    found = [
        f"{address['ip']}:{port['port']}"
        for subset in obj.get("subsets") or []
        for port in subset.get("ports") or []
        for address in subset.get("addresses") or []
    ]
    more = f" + {len(found) - 3} more..." if len(found) > 3 else ""
    return ",".join(found[:3]) + more if found else "<none>"


def node_status(node: Json) -> str:
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in dig(node, "status.conditions", []))
    return ("Ready" if ready else "NotReady") + (",SchedulingDisabled" if dig(node, "spec.unschedulable") else "")


def roles(node: Json) -> str:
    prefix = "node-role.kubernetes.io/"
    found = [k.removeprefix(prefix) for k in node["metadata"].get("labels") or {} if k.startswith(prefix)]
    return ",".join(found) or "<none>"


def job_status(job: Json) -> str:
    ends = ("Complete", "Failed", "Suspended")
    found = dig(job, "status.conditions", [])
    return next((c["type"] for c in found if c["status"] == "True" and c["type"] in ends), "Running")


def job_duration(job: Json) -> str:
    start, end = dig(job, "status.startTime"), dig(job, "status.completionTime")
    return duration(seconds_since(start) - (seconds_since(end) if end else 0)) if start else ""


def last_seen(event: Json) -> str:
    return duration(seconds_since(event.get("lastTimestamp") or event["metadata"]["creationTimestamp"]))


def involved(event: Json) -> str:
    about = event["involvedObject"]
    return f"{about.get('kind', '').lower()}/{about.get('name')}"


def access_modes(claim: Json) -> str:
    return ",".join(MODES.get(m, m) for m in dig(claim, "spec.accessModes", []))


def claim_status(claim: Json) -> str:
    return "Terminating" if claim["metadata"].get("deletionTimestamp") else str(dig(claim, "status.phase", ""))


def slice_endpoints(obj: Json) -> str:
    return ",".join(a for e in obj.get("endpoints") or [] for a in e["addresses"]) or "<unset>"
