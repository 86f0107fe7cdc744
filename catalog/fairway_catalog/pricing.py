"""What something costs a month, in cents, and of what that is made."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fairway_catalog.offering import Offering

UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "": 1}


@dataclass(frozen=True)
class PriceLine:
    label: str
    cents: int


def price_lines(offering: Offering, plan: str, parameters: Mapping[str, Any]) -> tuple[PriceLine, ...]:
    """The plan (times its replicas) and what goes beyond it. Raises KeyError for an unknown plan."""
    size = offering.plan(plan)
    if size is None:
        raise KeyError(plan)
    replicas = int(parameters.get("replicas", 1))
    label = size.title if replicas == 1 else f"{size.title}, {replicas} replicas"
    lines = [PriceLine(label, size.price * replicas)]
    extra = _extra_gib(size.resources.get("storage"), parameters.get("storage"))
    if extra > 0 and offering.storage_price:
        lines.append(PriceLine(f"{extra} GiB more storage", extra * offering.storage_price))
    return tuple(lines)


def price_of(offering: Offering, plan: str, parameters: Mapping[str, Any]) -> int:
    """Cents a month."""
    return sum(line.cents for line in price_lines(offering, plan, parameters))


def quantity(text: str) -> float:
    """A Kubernetes quantity as a number: `1Gi` is 1073741824, `500m` is 0.5. Raises ValueError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(m|[KMGT]i|[kMGT]|)", text)
    if match is None:
        raise ValueError(f"{text!r} is no quantity")
    number, unit = match.groups()
    return float(number) / 1000 if unit == "m" else float(number) * UNITS[unit]


def _extra_gib(included: str | None, wanted: str | None) -> int:
    if not included or not wanted:
        return 0
    return max(0, -int(-(quantity(wanted) - quantity(included)) // 2**30))
