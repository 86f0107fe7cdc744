"""How far two clusters' answers agree."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """Where two answers to one question part. path: as `body.spec.replicas`."""

    title: str
    path: str
    real: Any
    other: Any

    def __str__(self) -> str:
        return f"{self.title}: {self.path}: {_short(self.real)} is {_short(self.other)} here"


@dataclass(frozen=True)
class Agreement:
    """Of one group. answers: those that agree wholly, of how many; fields: the share of single values that agree."""

    group: str
    agreed: int
    asked: int
    fields: float
    differences: tuple[Difference, ...]

    @property
    def differing(self) -> set[str]:
        return {difference.title for difference in self.differences}


ABSENT = "<absent>"


def compare(group: str, real: Mapping[str, Any], other: Mapping[str, Any]) -> Agreement:
    """Both: title -> answer, as a document."""
    differences: list[Difference] = []
    same = total = agreed = 0
    for title in {**real, **other}:
        ours, theirs = (dict(leaves(side.get(title, ABSENT))) for side in (other, real))
        paths = list(theirs | ours)
        parting = [path for path in paths if theirs.get(path, ABSENT) != ours.get(path, ABSENT)]
        differences += [Difference(title, p, theirs.get(p, ABSENT), ours.get(p, ABSENT)) for p in parting]
        same, total, agreed = same + len(paths) - len(parting), total + len(paths), agreed + (not parting)
    return Agreement(group, agreed, len({**real, **other}), same / total if total else 1.0, tuple(differences))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every single value with its path. Lists of named things go by their names, so that one more shifts nothing."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for place, item in zip(_places(value), value, strict=True):
            yield from leaves(item, f"{path}[{place}]")
    else:
        yield path, value


def _places(items: list[Any]) -> list[str]:
    for key in ("name", "type", "manager", "field", "ip"):
        names = [str(item.get(key)) for item in items if isinstance(item, Mapping) and item.get(key)]
        if len(names) == len(items) == len(set(names)):
            return names
    return [str(number) for number in range(len(items))]


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 160 else text[:157] + "..."
