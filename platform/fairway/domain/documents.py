"""The shapes that REST answers with, the CLI prints and the pages are made of.

Times are ISO 8601 in UTC, durations seconds, prices cents a month; null is what is not known yet, or does not apply.
"""

from typing import Any, NotRequired, TypedDict


class ResourceDocument(TypedDict):
    """plan, parameters and bindings are what is applied, until something is what is wanted; `desired` is there while it
    differs from that. health: `{status, reasons}` and more of what was seen."""

    id: str
    name: str
    service: str
    environment: str
    team: str
    offering: str
    offering_version: str
    plan: str
    state: str
    health: dict[str, Any]
    health_at: str | None
    parameters: dict[str, Any]
    outputs: dict[str, Any]
    bindings: list[str]
    price: int
    protected: bool
    namespace: str
    stack: str
    active_run: str | None
    created_at: str
    updated_at: str
    destroyed_at: str | None
    version: int
    desired: NotRequired[dict[str, Any]]


class BoundDocument(TypedDict):
    """The other end of a binding."""

    id: str
    name: str
    offering: str
    state: str


class BindingsDocument(TypedDict):
    """uses: what it is connected to; used_by: what is connected to it."""

    uses: list[BoundDocument]
    used_by: list[BoundDocument]


class ConnectionDocument(TypedDict, total=False):
    """As far as the offering has them. Passwords are `********` until they are revealed. addressing: `ip` where the
    host is reached from Fairway's machine, `dns` where it is a name in the cluster's own network."""

    host: str
    port: int
    username: str
    database: str
    url: str
    uri: str
    command: str
    password: str
    secret_variable: str
    addressing: str


class TunnelDocument(TypedDict):
    """What a forwarded port leads to now. port: the resource's own; open: how many connections the caller has, of
    `most` at once."""

    resource: str
    name: str
    port: int
    pod: str
    open: int
    most: int


class RevisionDocument(TypedDict):
    """One state that was applied. current: it is the one that is wanted now."""

    number: int
    plan: str
    parameters: dict[str, Any]
    bindings: list[str]
    run: str
    operation: str
    by: str
    reason: str
    created_at: str
    current: bool


class ChangeDocument(TypedDict):
    """One resource of the stack. op: Pulumi's word, such as `create`, `update`, `replace`, `delete`; diff: what kind of
    change each property path has, values left out."""

    op: str
    type: str
    name: str
    urn: str
    diff: dict[str, str]


class StepDocument(TypedDict):
    """One step of a run. status: `running`, `done` or `failed`."""

    op: str
    type: str
    name: str
    urn: str
    status: str
    seconds: NotRequired[float | None]


class PlaceDocument(TypedDict):
    """The resource that a run is about."""

    id: str
    name: str
    service: str
    environment: str
    offering: str


class DecisionDocument(TypedDict):
    """What was said to a run that waited for approval: `approve` or `reject`."""

    decision: str
    by: str | None
    comment: str
    at: str | None


class FollowerDocument(TypedDict):
    """A deployment that takes a new password by an update of its own. run: that update, and state its state; without
    one it is `waiting` for the run `waits_for`, or `dropped`, and detail says why."""

    id: str
    name: str
    service: str
    run: str | None
    state: str
    detail: str
    waits_for: str | None


class RunDocument(TypedDict):
    """One operation on one resource. desired: what it is to apply; changes: the plan that was approved; waiting: why it
    does not go on, `{code, message, cause, next_try_at, deadline_at}`; error: `{code, message, hint, causes}`.

    Only where one run is asked for: its steps; its followers, the deployments that take the password that it brought;
    follows, the run whose password it takes itself."""

    id: str
    operation: str
    state: str
    resource: PlaceDocument
    reason: str
    desired: dict[str, Any]
    changes: list[ChangeDocument]
    waiting: dict[str, Any] | None
    error: dict[str, Any] | None
    needs_approval: bool
    decision: DecisionDocument | None
    cancel_requested_at: str | None
    cancel_requested_by: str | None
    preview: str | None
    retry_of: str | None
    requested_by: str
    created_at: str
    started_at: str | None
    applying_at: str | None
    verifying_at: str | None
    ended_at: str | None
    seconds: float
    steps: NotRequired[list[StepDocument]]
    followers: NotRequired[list[FollowerDocument]]
    follows: NotRequired[str | None]


class FieldChangeDocument(TypedDict):
    """One field of what is wanted, before and after."""

    field: str
    before: Any
    after: Any


class PriceDocument(TypedDict):
    """before: of what is there now. lines: what it is made of."""

    before: int
    after: int
    lines: list[dict[str, Any]]


class PreviewDocument(TypedDict):
    """state: `computing`, then `ready` or `failed`; later `used`, `superseded` or `expired`. followers: the deployments
    that take a new password afterwards, each by an update of its own, `service/name`."""

    id: str
    operation: str
    state: str
    request: dict[str, Any]
    resource: str | None
    changes: list[ChangeDocument]
    fields: list[FieldChangeDocument]
    price: PriceDocument
    needs_approval: bool
    followers: list[str]
    errors: list[dict[str, Any]]
    created_at: str
    ready_at: str | None
    expires_at: str


class ChartNameDocument(TypedDict):
    """A chart that resources of an offering have."""

    name: str
    title: str
    unit: str


class OfferingDocument(TypedDict):
    """What the catalog offers. parameters is a JSON Schema, in which `x-immutable` marks what is fixed once created."""

    name: str
    version: str
    title: str
    summary: str
    gives: list[str]
    plans: list[dict[str, Any]]
    parameters: dict[str, Any]
    immutable: list[str]
    outputs: dict[str, Any]
    keeps_data: bool
    binds: bool
    binding: dict[str, Any] | None
    storage_price: int
    charts: list[ChartNameDocument]


class EventDocument(TypedDict):
    """One thing that happened. type: `Normal` or `Warning`; object: `kind/name`."""

    at: str | None
    type: str
    reason: str
    object: str
    message: str
    count: int


class BudgetDocument(TypedDict):
    """The time that may be failing in a whole window, and what was spent of it. left_ratio: 1 for an untouched budget,
    below 0 for an overspent one; null when nothing was measured."""

    seconds: float
    spent: float | None
    left_ratio: float | None


class SloDocument(TypedDict):
    """A resource's objective and how it stands. objective: percent; ratio: 0 to 1, of the measured time in which it
    served; coverage: 0 to 1, how much of the window was measured, or of the resource's own age where it is younger.
    burn: how many times as fast as allowed the budget was spent in the last `1h`, `6h` and `3d`. state: `met`,
    `at_risk`, `breached` or `unknown`. source: `fairway` or `prometheus`; silent: why it told nothing, else empty."""

    resource: str
    name: str
    service: str
    environment: str
    objective: float
    window_days: int
    ratio: float | None
    coverage: float | None
    budget: BudgetDocument
    burn: dict[str, float | None]
    state: str
    source: str
    silent: str
    set_by: str | None
    set_at: str
    version: int
