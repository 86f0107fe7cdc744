"""Why an object does not become ready: what its pods, and the warnings about it, say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fairway_stacks.embedded.kubernetes.connection import Connection
from fairway_stacks.embedded.kubernetes.errors import ApiError
from fairway_stacks.embedded.kubernetes.kinds import Place

HOPELESS = {
    "ImagePullBackOff",
    "ErrImagePull",
    "ErrImageNeverPull",
    "InvalidImageName",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "CrashLoopBackOff",
}
LOG_LINES = 20
LONGEST_LOG = 4000


@dataclass(frozen=True)
class Cause:
    """hopeless: waiting does not cure it by itself."""

    code: str
    message: str
    hopeless: bool
    pod: str = ""
    container: str = ""


class Causes:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, live: Mapping[str, Any], place: Place) -> list[Cause]:
        """The newest unready pods first."""
        found = [cause for pod in self._pods(live, place) for cause in _of_pod(pod)]
        if found:
            return found
        return [Cause(reason, message, False) for reason, message in self._warnings(place)]

    def last_log(self, place: Place, cause: Cause) -> str:
        """The end of what the crashed container wrote."""
        if not cause.container:
            return ""
        path = f"/api/v1/namespaces/{place.namespace}/pods/{cause.pod}/log"
        query = {"container": cause.container, "tailLines": str(LOG_LINES)}
        for previous in ("true", "false"):
            try:
                text = self._connection.text(path, {**query, "previous": previous}).strip()
            except ApiError:
                continue
            if text:
                return text[-LONGEST_LOG:]
        return ""

    def _pods(self, live: Mapping[str, Any], place: Place) -> list[Mapping[str, Any]]:
        if place.kind == "Pod":
            return [live]
        labels = ((live.get("spec") or {}).get("selector") or {}).get("matchLabels") or {}
        if not labels:
            return []
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        try:
            answer = self._connection.ask(
                "GET", f"/api/v1/namespaces/{place.namespace}/pods", {"labelSelector": selector}
            )
        except ApiError:
            return []
        pods: list[Mapping[str, Any]] = [one for one in answer.get("items") or [] if not _is_ready(one)]
        return sorted(pods, key=lambda one: str(one["metadata"].get("creationTimestamp")), reverse=True)

    def _warnings(self, place: Place) -> Iterator[tuple[str, str]]:
        query = {"fieldSelector": f"involvedObject.name={place.name},involvedObject.kind={place.kind}"}
        try:
            answer = self._connection.ask("GET", f"/api/v1/namespaces/{place.namespace}/events", query)
        except ApiError:
            return
        for event in (answer.get("items") or [])[-5:]:
            if event.get("type") == "Warning":
                yield str(event.get("reason", "Warning")), str(event.get("message", ""))


def _of_pod(pod: Mapping[str, Any]) -> Iterator[Cause]:
    name, status = pod["metadata"]["name"], pod.get("status") or {}
    where = f"[Pod {pod['metadata'].get('namespace', '')}/{name}]"
    for one in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        waiting = (one.get("state") or {}).get("waiting") or {}
        reason = waiting.get("reason", "")
        if reason and reason not in ("PodInitializing", "ContainerCreating"):
            text = f"{where}: container {one['name']} [{reason}] {waiting.get('message', '')}".rstrip()
            yield Cause(reason, text + _last_end(one), reason in HOPELESS, name, one["name"])
        elif one.get("restartCount") and not one.get("ready"):
            yield Cause("Restarted", f"{where}: container {one['name']}{_last_end(one)}", False, name, one["name"])
    for condition in status.get("conditions") or []:
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            reason = condition.get("reason", "Unschedulable")
            yield Cause(reason, f"{where}: {reason} {condition.get('message', '')}".rstrip(), False, name)


def _last_end(container: Mapping[str, Any]) -> str:
    ended = (container.get("lastState") or {}).get("terminated") or {}
    if not ended:
        return ""
    message = f": {ended['message']}" if ended.get("message") else ""
    return f" (ended with exit code {ended.get('exitCode')}, {ended.get('reason', 'Error')}{message})"


def _is_ready(pod: Mapping[str, Any]) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
