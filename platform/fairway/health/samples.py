"""The text exposition format, read by prometheus-client's parser; only the metrics that somebody asks for."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from fairway_catalog import Offering

Key = tuple[str, tuple[tuple[str, str], ...]]


class BadExposition(Exception):
    """This is not the Prometheus text format."""


@dataclass(frozen=True)
class Sample:
    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What tells it from other series of the same pod."""
        return self.name, tuple(sorted(self.labels.items()))


def wanted(offering: Offering) -> frozenset[str]:
    """The metrics that its charts and health rules are made of."""
    names: set[str | None] = set()
    for chart in offering.charts:
        names |= {chart.metric if chart.quantile is None else f"{chart.metric}_bucket", chart.limit}
    for rule in offering.health:
        names |= {rule.metric, rule.of}
    return frozenset(name for name in names if name)


def parse(text: str, names: Collection[str]) -> tuple[Sample, ...]:
    """Without NaN, which means that there is no value. Raises BadExposition."""
    if (text and "\n" not in text) or text.lstrip()[:1] in ("<", "{"):
        raise BadExposition("the answer is not in the Prometheus text format")
    chosen = "\n".join(_lines(text, names)) + "\n"
    try:
        return tuple(
            Sample(sample.name, sample.value, sample.labels)
            for family in text_string_to_metric_families(chosen)
            for sample in family.samples
            if not math.isnan(sample.value)
        )
    except (ValueError, IndexError, KeyError) as error:
        raise BadExposition(f"not in the Prometheus text format: {error}") from error


def _lines(text: str, names: Collection[str]) -> Iterator[str]:
    """An exporter has a thousand lines and we want ten: parsing those alone is fifty times cheaper."""
    for line in text.split("\n"):
        end = min((i for i in (line.find("{"), line.find(" ")) if i >= 0), default=len(line))
        if line[:end] in names:
            yield line
