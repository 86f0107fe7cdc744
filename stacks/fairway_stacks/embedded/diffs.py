"""What differs between two property maps: path -> add, update or delete, each also with `-replace`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fairway_stacks.embedded import paths
from fairway_stacks.embedded.paths import Path
from fairway_stacks.state.values import plain


@dataclass
class Diff:
    """delete_first: a replacement must wait until the old object is gone."""

    detailed: dict[str, str] = field(default_factory=dict)
    delete_first: bool = False

    @property
    def replaces(self) -> bool:
        return any(kind.endswith("-replace") for kind in self.detailed.values())

    @property
    def replace_keys(self) -> list[str]:
        return [path for path, kind in self.detailed.items() if kind.endswith("-replace")]

    @property
    def keys(self) -> list[str]:
        return sorted({str(paths.parse(path)[0]) for path in self.detailed})

    def without(self, ignored: Sequence[str]) -> "Diff":
        patterns = [paths.parse(one) for one in ignored]
        kept = {
            p: k for p, k in self.detailed.items() if not any(paths.covers(one, paths.parse(p)) for one in patterns)
        }
        return Diff(kept, self.delete_first)

    def force(self, replaced: Sequence[Path]) -> "Diff":
        """Changes at, above or below these paths become replacements."""
        forced = {}
        for path, kind in self.detailed.items():
            hit = any(paths.touches(one, paths.parse(path)) for one in replaced)
            forced[path] = f"{kind}-replace" if hit and not kind.endswith("-replace") else kind
        return Diff(forced, self.delete_first)


def between(old: Any, new: Any) -> Diff:
    found: dict[str, str] = {}
    _compare(plain(old), plain(new), (), found)
    return Diff(found)


def _compare(old: Any, new: Any, path: Path, found: dict[str, str]) -> None:
    if old is new or old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({**old, **new}):
            _compare_part(old, new, key, key in old, key in new, (*path, key), found)
    elif isinstance(old, list) and isinstance(new, list):
        for i in range(max(len(old), len(new))):
            _compare_part(old, new, i, i < len(old), i < len(new), (*path, i), found)
    else:
        found[paths.join(path)] = "update"


def _compare_part(old: Any, new: Any, key: Any, in_old: bool, in_new: bool, path: Path, found: dict[str, str]) -> None:
    if in_old and in_new:
        _compare(old[key], new[key], path, found)
    else:
        found[paths.join(path)] = "delete" if in_old else "add"
