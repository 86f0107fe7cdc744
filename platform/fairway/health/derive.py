"""Is it well, and if not, why: one status and its reasons, from all that is known of a resource.

    healthy    everything asked for is ready, and no rule of the offering is broken
    degraded   it serves, but not as it should
    failing    it does not serve
    stopped    it was asked to have no replicas
    unknown    nothing can be said: not seen yet, still being made, or the cluster does not answer

A reason's code is Kubernetes' own word where it is Kubernetes that complains (`ImagePullBackOff`), the name of the
offering's rule where one is broken, else one of the words below.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from fairway.health.rules import Broken
from fairway.models import Observation, ResourceState

BEING_MADE = (ResourceState.REQUESTED, ResourceState.AWAITING_APPROVAL, ResourceState.PROVISIONING)
IMAGE = ("ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError")
TELLING = ("FailedMount", "FailedAttachVolume", "FailedCreate", "FailedScheduling", "Unhealthy", "ProvisioningFailed")
RANK = {"healthy": 0, "degraded": 1, "failing": 2}
LONGEST_LOG = 300
MISSED_SCRAPES = 3


@dataclass(frozen=True)
class Reason:
    code: str
    message: str


@dataclass(frozen=True)
class Health:
    status: str
    reasons: tuple[Reason, ...] = ()

    def document(self) -> dict[str, Any]:
        """As Resource.health has it."""
        return {"status": self.status, "reasons": [asdict(reason) for reason in self.reasons]}


@dataclass(frozen=True)
class Scraping:
    """How reading a resource's metrics goes. since: when it last worked, or was first tried; error: why it does not."""

    since: datetime
    error: str = ""


@dataclass(frozen=True)
class Facts:
    """What is known. interval: seconds between two rounds of scraping; unreachable: since when, and why."""

    state: ResourceState
    observation: Observation | None
    broken: Sequence[Broken] = ()
    scraping: Scraping | None = None
    unreachable: tuple[datetime, str] | None = None
    interval: float = 15.0


def derive(facts: Facts, now: datetime) -> Health:
    seen = facts.observation
    if facts.unreachable is not None:
        since, why = facts.unreachable
        return Health(
            "unknown", (Reason("ClusterUnreachable", f"No answer from the cluster since {_at(since)}: {why}"),)
        )
    if seen is None:
        return Health("unknown", (Reason("NotObserved", "Nothing of it has been seen in the cluster yet"),))
    if not seen.workload:
        return _without_workload(facts.state)
    if seen.replicas == 0:
        return Health("stopped", (Reason("Stopped", "It is scaled to 0 replicas"),))
    return _of_replicas(facts, seen, now)


def _without_workload(state: ResourceState) -> Health:
    if state in BEING_MADE:
        return Health("unknown", (Reason("Starting", "It is being made"),))
    if state == ResourceState.DESTROYING:
        return Health("unknown", (Reason("Going", "It is being destroyed"),))
    why = "its last run failed" if state == ResourceState.FAILED else "somebody removed it"
    return Health("failing", (Reason("Missing", f"Its workload is not in the cluster; {why}"),))


def _of_replicas(facts: Facts, seen: Observation, now: datetime) -> Health:
    troubles = tuple(_troubles(seen, facts.state))
    reasons: list[Reason] = []
    status = "healthy"
    if seen.ready < seen.replicas:
        status = "degraded" if seen.ready else "failing"
        reasons.append(Reason("NotReady", f"{seen.ready} of {seen.replicas} replicas are ready"))
        if not seen.ready and not troubles and facts.state in BEING_MADE:
            return Health("unknown", (Reason("Starting", "Its first replica is starting"),))
    elif troubles:
        status = "degraded"
    reasons += troubles
    if seen.ready:
        for rule in facts.broken:
            status = _worse(status, rule.status)
            reasons.append(Reason(rule.name, rule.message))
        for reason in _silence(facts, now):
            status = _worse(status, "degraded")
            reasons.append(reason)
    return Health(status, tuple(reasons))


def _troubles(seen: Observation, state: ResourceState) -> Iterator[Reason]:
    """Each complaint once, with how many pods have it. That a probe fails at first is how something starts."""
    told: dict[str, tuple[dict[str, Any], int]] = {}
    for pod in seen.pods:
        if pod["reason"] and not pod["ready"] and not pod["terminating"]:
            first, count = told.get(pod["reason"], (pod, 0))
            told[pod["reason"]] = (first, count + 1)
    for pod, count in told.values():
        yield Reason(pod["reason"], _complaint(pod, count))
    if seen.reason and seen.ready < seen.replicas:
        yield Reason(seen.reason, seen.message)
    elif seen.ready < seen.replicas and not told:
        telling = [word for word in TELLING if word != "Unhealthy" or state not in BEING_MADE]
        warning = next((w for w in seen.warnings if w["reason"] in telling), None)
        if warning is not None:
            yield Reason(warning["reason"], f"{warning['object']}: {warning['message']}")


def _complaint(pod: dict[str, Any], count: int) -> str:
    others = f" ({count} pods)" if count > 1 else ""
    name, reason, message = pod["name"], pod["reason"], pod["message"]
    if reason in IMAGE:
        return f"{name} cannot get its image{others}: {message or pod['image']}"
    if reason == "Unschedulable":
        return f"{name} finds no node{others}: {message}"
    if reason == "OOMKilled":
        return f"{name} ran out of memory{others}, {_restarts(pod)}: give it a larger plan{_log(pod)}"
    if pod["exit_code"] is not None:
        return f"{name} keeps ending{others} with exit code {pod['exit_code']}, {_restarts(pod)}{_log(pod)}"
    return f"{name}{others}: {message or reason}"


def _restarts(pod: dict[str, Any]) -> str:
    return "1 restart" if pod["restarts"] == 1 else f"{pod['restarts']} restarts"


def _log(pod: dict[str, Any]) -> str:
    """The end of it: that is where the error is."""
    text = (pod.get("last_log") or "").strip()
    if not text:
        return ""
    if len(text) > LONGEST_LOG:
        text = "…" + text[-LONGEST_LOG:]
    return f". It last said: {text}"


def _silence(facts: Facts, now: datetime) -> Iterator[Reason]:
    scraping, patience = facts.scraping, timedelta(seconds=MISSED_SCRAPES * facts.interval)
    if scraping is not None and scraping.error and now - scraping.since > patience:
        yield Reason("NoMetrics", f"No metrics since {_at(scraping.since)}: {scraping.error}")


def _worse(one: str, other: str) -> str:
    return one if RANK[one] >= RANK.get(other, 1) else other


def _at(moment: datetime) -> str:
    return moment.strftime("%H:%M:%S UTC")
