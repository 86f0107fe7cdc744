"""What an offering is, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Plan:
    """A size. price: cents a month, per replica where the offering has replicas. resources: Kubernetes quantities
    `cpu`, `memory` and, for what keeps data, `storage`."""

    name: str
    title: str
    price: int
    resources: Mapping[str, str]
    summary: str = ""

    def sized(self, parameters: Mapping[str, Any]) -> dict[str, str]:
        """What a resource with these parameters gets: the plan's quantities, but for a volume of a size of its own."""
        own = {"storage": parameters["storage"]} if parameters.get("storage") else {}
        return {**self.resources, **own}


@dataclass(frozen=True)
class Binding:
    """How a deployment uses it: the servicebinding.io type, and the variable that gets the URI."""

    type: str
    variable: str


@dataclass(frozen=True)
class Connection:
    """Templates over the outputs (`{host}`, `{port}`, `{username}`, `{database}`, `{password}`).

    uri holds the password; command does not: it reads it from `secret_variable`.
    """

    uri: str
    command: str
    secret_variable: str = ""


@dataclass(frozen=True)
class HealthRule:
    """`metric` (divided by `of` when given) beyond `above` or `below` means `status`.

    message may use {value}, {limit} and {percent}.
    """

    name: str
    metric: str
    status: str
    message: str
    above: float | None = None
    below: float | None = None
    of: str | None = None


@dataclass(frozen=True)
class Chart:
    """A figure on the resource's page.

    aggregate over the series of all pods: `sum`, `max` or `avg`. rate: per second, for counters. quantile: of a
    histogram whose name `metric` is. where: labels that must match. limit: a metric drawn as the dotted line.
    """

    name: str
    title: str
    unit: str
    metric: str
    aggregate: str = "sum"
    rate: bool = False
    quantile: float | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    limit: str | None = None

    def promql(self, selector: str, window: str = "1m") -> str:
        """The same figure from a Prometheus; selector: `fairway_resource="..."`."""
        labels = ",".join([selector, *(f'{k}="{v}"' for k, v in self.where.items())])
        if self.quantile is not None:
            return (
                f"histogram_quantile({self.quantile:g}, sum by (le) (rate({self.metric}_bucket{{{labels}}}[{window}])))"
            )
        series = f"{self.metric}{{{labels}}}"
        return f"{self.aggregate}(rate({series}[{window}]))" if self.rate else f"{self.aggregate}({series})"


@dataclass(frozen=True)
class Offering:
    """A kind of thing that can be provisioned.

    gives: what one gets, a line each. program: `package.module:function`. parameters: a JSON Schema (draft 2020-12)
    of type object; `x-immutable: true` marks what is fixed once created.
    storage_price: cents a month per GiB beyond the plan's own.
    """

    name: str
    version: str
    title: str
    summary: str
    program: str
    plans: tuple[Plan, ...]
    parameters: Mapping[str, Any]
    gives: tuple[str, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    binding: Binding | None = None
    connection: Connection | None = None
    health: tuple[HealthRule, ...] = ()
    charts: tuple[Chart, ...] = ()
    keeps_data: bool = False
    binds: bool = False
    storage_price: int = 0

    def plan(self, name: str) -> Plan | None:
        return next((p for p in self.plans if p.name == name), None)

    @property
    def immutable(self) -> frozenset[str]:
        """The parameters that are fixed once created."""
        return frozenset(n for n, s in self.parameters["properties"].items() if s.get("x-immutable"))
