"""What one cell of a table says."""

from fairway_sandbox.objects import Json, dig, seconds_since


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
    return ",".join(c.get("name", "") for c in _templated(obj))


def images(obj: Json) -> str:
    return ",".join(c.get("image", "") for c in _templated(obj))


def _templated(obj: Json) -> list[Json]:
    spec = dig(obj, "spec.jobTemplate.spec") or obj["spec"]
    return list(dig(spec, "template.spec.containers", []))


def selector(obj: Json) -> str:
    """A LabelSelector, or a Service's plain map, as it is written on a command line."""
    found = dig(obj, "spec.selector", {})
    if not ("matchLabels" in found or "matchExpressions" in found):
        return pairs(found)
    terms = [f"{k}={v}" for k, v in (found.get("matchLabels") or {}).items()]
    terms += [_expression(e) for e in found.get("matchExpressions") or ()]
    return ",".join(terms) or "<none>"


def _expression(found: Json) -> str:
    key, operator = found["key"], found["operator"]
    if operator in ("Exists", "DoesNotExist"):
        return str(key) if operator == "Exists" else f"!{key}"
    return f"{key} {operator.lower()} ({','.join(sorted(found.get('values') or ()))})"


def pairs(labels: Json) -> str:
    return ",".join(f"{k}={v}" for k, v in labels.items()) or "<none>"
