"""An offering's health rules, held against what the exporters say."""

from collections.abc import Iterable
from dataclasses import dataclass

from fairway.health.figures import Scrapes
from fairway.health.samples import Sample
from fairway_catalog.offering import HealthRule


@dataclass(frozen=True)
class Broken:
    """A rule that does not hold on the worst pod; message is for people."""

    name: str
    status: str
    message: str


def broken(rules: Iterable[HealthRule], scrapes: Scrapes) -> tuple[Broken, ...]:
    """Nothing without a scrape: silence is told about otherwise."""
    found = []
    for rule in rules:
        values = [v for v in (_measure(rule, samples) for samples in scrapes.values()) if v is not None]
        bad = [v for v in values if _is_beyond(rule, v)]
        if bad:
            worst = max(bad, key=lambda v: v.measure) if rule.above is not None else min(bad, key=lambda v: v.measure)
            found.append(Broken(rule.name, rule.status, _message(rule, worst)))
    return tuple(found)


@dataclass(frozen=True)
class _Value:
    measure: float
    value: float
    limit: float


def _measure(rule: HealthRule, samples: Iterable[Sample]) -> _Value | None:
    """One pod's. Exporters leave out what they cannot read: an absent metric is 0 for a rule that wants it higher."""
    samples = list(samples)
    values = [s.value for s in samples if s.name == rule.metric]
    if not values and (rule.below is None or rule.of is not None):
        return None
    value = sum(values)
    if rule.of is None:
        beyond = rule.above if rule.above is not None else rule.below
        return _Value(value, value, beyond or 0.0)
    limit = sum(s.value for s in samples if s.name == rule.of)
    return _Value(value / limit, value, limit) if limit > 0 else None


def _is_beyond(rule: HealthRule, value: _Value) -> bool:
    return (rule.above is not None and value.measure > rule.above) or (
        rule.below is not None and value.measure < rule.below
    )


def _message(rule: HealthRule, value: _Value) -> str:
    percent = 100 * value.value / value.limit if value.limit else 0.0
    try:
        return rule.message.format(value=value.value, limit=value.limit, percent=percent)
    except (KeyError, ValueError, IndexError):
        return rule.message
