"""The shapes of experiments and trials, as REST, the CLI and the pages have them: units as in `documents`."""

from typing import Any, NotRequired, TypedDict


class ExperimentDocument(TypedDict):
    """A definition that is kept under a name."""

    id: str
    name: str
    resource: str
    definition: dict[str, Any]
    created_at: str
    updated_at: str
    version: int


class RecoveryDocument(TypedDict):
    """Seconds until the replacement was scheduled, from there until it was ready, and both."""

    reschedule: float | None
    startup: float | None
    ttr: float | None


class VictimDocument(TypedDict):
    """One pod that was killed, or was to be. t: seconds since the trial's start."""

    pod: str
    uid: str
    node: str
    method: str
    outcome: str
    detail: str
    killed_at: str | None
    t: float | None
    replacement: str | None
    replacement_node: str | None
    recovery: RecoveryDocument
    recovered: bool | None


class CostDocument(TypedDict):
    """What a trial cost a resource with an objective: seconds of the budget for failing probes until it was whole, and
    which share of the whole budget, `seconds`, that is."""

    objective: float
    window_days: int
    seconds: float
    spent: float
    ratio: float


class TrialDocument(TypedDict):
    """One execution of an experiment. workload.ttr: seconds from the first kill until as many pods were ready as are
    desired; availability: `{ok, scheduled, not_sent, ratio, interval, longest_outage, ...}` of the fault window;
    hypothesis: by phase, before, during and after; cost: of the resource's error budget, where it has an objective."""

    id: str
    state: str
    resource: str
    name: str
    service: str
    environment: str
    experiment: str | None
    title: str
    method: str | None
    allow_outage: bool
    requested_by: str
    created_at: str
    verdict: str | None
    reason: str
    score: float | None
    coverage: float | None
    seed: int | None
    victims: list[VictimDocument]
    workload: dict[str, Any]
    availability: dict[str, Any] | None
    cost: NotRequired[CostDocument | None]
    latency: NotRequired[dict[str, Any]]
    hypothesis: dict[str, Any]
    started_at: str | None
    ended_at: str | None


class CandidateDocument(TypedDict):
    """A pod of the workload, and whether it would be killed."""

    pod: str
    uid: str
    node: str
    ready: bool
    restarts: int
    created_at: str | None
    victim: bool


class CheckDocument(TypedDict):
    """One thing that was looked at before a trial may begin."""

    name: str
    state: str
    detail: str


class TrialPreviewDocument(TypedDict):
    """What a trial would do. seed draws the same victims again; confirm: the name to send when all pods would go."""

    resource: str
    name: str
    seed: int
    method: str
    definition: dict[str, Any]
    workload: dict[str, Any]
    pods: list[CandidateDocument]
    excluded: list[dict[str, str]]
    checks: list[CheckDocument]
    refusal: str
    takes_all_down: bool
    confirm: str | None
